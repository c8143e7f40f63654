/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who may call which method: what is not in the table nobody may. */

#include <string.h>

#include "bus-private.h"
#include "host/authority.h"

#define AUTHORITY_KEY "ea-authority"
#define ACTION(name) "org.euicc.agent1." name

/* @action: of polkit; NULL: whoever may talk to the service at all may do it */
static const struct
{
  const char *interface;
  const char *method;
  const char *action;
} admissions[] = {
  { EA_BUS_NAME ".Manager", "GetHistory", NULL },
  { EA_BUS_NAME ".Manager", "Reload", ACTION ("reload") },
  { EA_BUS_NAME ".Euicc", "OpenSession", ACTION ("open-session") },
  { EA_BUS_NAME ".Euicc", "Rescan", ACTION ("rescan") },
  { EA_BUS_NAME ".Session", "Cancel", ACTION ("cancel-session") },
};

/* A call that waits to be admitted */
typedef struct
{
  GDBusMethodInvocation *invocation;
  EaBusDeed deed;
  GObject *target;
} Admission;

static void
admission_free (Admission *self)
{
  g_object_unref (self->target);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Admission, admission_free)

static EaAuthority *
get_authority (GDBusMethodInvocation *invocation)
{
  return g_object_get_data (G_OBJECT (g_dbus_method_invocation_get_connection (invocation)),
                            AUTHORITY_KEY);
}

/* What it was for may have left the bus meanwhile. */
static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Admission) admission = user_data;
  g_autoptr (GError) error = NULL;

  if (ea_authority_check_finish (EA_AUTHORITY (source), result, &error)
      && get_authority (admission->invocation) == NULL)
    g_set_error (&error, EA_AUTHORITY_ERROR, EA_AUTHORITY_ERROR_DENIED,
                 "The agent is about to end");
  if (error == NULL)
    admission->deed (admission->invocation, admission->target);
  else
    ea_bus_return_error (admission->invocation, error);
}

static void
check (GDBusMethodInvocation *invocation, const char *action, EaBusDeed deed, gpointer target)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  gboolean may_ask
      = (g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION)
        != 0;
  Admission *admission = g_new0 (Admission, 1);

  admission->invocation = invocation; /* ours until it is answered */
  admission->deed = deed;
  admission->target = g_object_ref (target);
  ea_authority_check_async (get_authority (invocation),
                            g_dbus_method_invocation_get_sender (invocation), action, may_ask,
                            on_checked, admission);
}

void
ea_bus_admit (GDBusMethodInvocation *invocation, EaBusDeed deed, gpointer target)
{
  const char *interface = g_dbus_method_invocation_get_interface_name (invocation);
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (admissions); i++)
    {
      if (strcmp (admissions[i].interface, interface) != 0
          || strcmp (admissions[i].method, method) != 0)
        continue;
      if (admissions[i].action == NULL)
        deed (invocation, target);
      else
        check (invocation, admissions[i].action, deed, target);
      return;
    }
  error = g_error_new (EA_AUTHORITY_ERROR, EA_AUTHORITY_ERROR_DENIED,
                       "The method %s is not permitted to anybody", method);
  ea_bus_return_error (invocation, error);
}

void
ea_bus_begin_admission (GDBusConnection *connection)
{
  g_object_set_data_full (G_OBJECT (connection), AUTHORITY_KEY, ea_authority_new (connection),
                          g_object_unref);
}

void
ea_bus_end_admission (GDBusConnection *connection)
{
  g_object_set_data (G_OBJECT (connection), AUTHORITY_KEY, NULL);
}
