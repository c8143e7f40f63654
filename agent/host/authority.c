/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bus tells who the caller is; if that is not enough, polkit is asked. */

#include "host/authority.h"

#include <string.h>
#include <unistd.h>

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* Of CheckAuthorization */
#define ALLOW_USER_INTERACTION 1u
#define DEFAULT_TIMEOUT (-1)

struct _EaAuthority
{
  GObject parent_instance;

  GDBusConnection *connection;
  GPtrArray *checks; /* Check: with polkit */
  guint last_check;  /* names it for polkit */
};

/* One caller that waits, the data of its task */
typedef struct
{
  char *caller;
  char *action;
  gboolean may_ask;
  guint number;
  guint watch_id; /* 0: it is not with polkit */
} Check;

/* clang-format off */
G_DEFINE_QUARK (ea-authority-error-quark, ea_authority_error)
/* clang-format on */
G_DEFINE_FINAL_TYPE (EaAuthority, ea_authority, G_TYPE_OBJECT)

static void
check_free (gpointer data)
{
  Check *check = data;

  g_free (check->caller);
  g_free (check->action);
  g_free (check);
}

static void
return_denied (GTask *task, const char *why)
{
  const Check *check = g_task_get_task_data (task);

  g_task_return_new_error (task, EA_AUTHORITY_ERROR, EA_AUTHORITY_ERROR_DENIED,
                           "The action %s is not permitted%s", check->action, why);
}

static char *
name_check (const Check *check)
{
  return g_strdup_printf ("euicc-agent-%u", check->number);
}

/* polkit answers the check at once then. */
static void
on_caller_gone (GDBusConnection *connection, const char *name, gpointer user_data)
{
  const Check *check = g_task_get_task_data (G_TASK (user_data));
  g_autofree char *check_name = name_check (check);

  g_dbus_connection_call (connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                          "CancelCheckAuthorization", g_variant_new ("(s)", check_name), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, DEFAULT_TIMEOUT, NULL, NULL, NULL);
}

static const char *
describe_silence (const GError *error)
{
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    return ": without polkit only root may do that";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    return ": polkit does not answer";
  return "";
}

static void
on_judged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaAuthority *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean is_authorized = FALSE;
  gboolean is_challenge = FALSE;

  g_ptr_array_remove_fast (self->checks, check);
  g_clear_handle_id (&check->watch_id, g_bus_unwatch_name);
  if (answer != NULL)
    g_variant_get (answer, "((bb@a{ss}))", &is_authorized, &is_challenge, NULL);
  if (is_authorized)
    g_task_return_boolean (task, TRUE);
  else if (answer == NULL)
    return_denied (task, describe_silence (error));
  else
    return_denied (task, is_challenge ? " without a password" : "");
}

static void
ask_polkit (EaAuthority *self, GTask *task)
{
  Check *check = g_task_get_task_data (task);
  g_autofree char *name = NULL;
  GVariantBuilder subject;

  check->number = ++self->last_check;
  name = name_check (check);
  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (check->caller));
  g_ptr_array_add (self->checks, check);
  check->watch_id = g_bus_watch_name_on_connection (
      self->connection, check->caller, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_caller_gone,
      g_object_ref (task), g_object_unref);
  g_dbus_connection_call (
      self->connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE, "CheckAuthorization",
      g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject, check->action, NULL,
                     check->may_ask ? ALLOW_USER_INTERACTION : 0, name),
      G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE,
      check->may_ask ? G_MAXINT : DEFAULT_TIMEOUT, NULL, on_judged, g_object_ref (task));
}

static gboolean
has_room (EaAuthority *self, const Check *check)
{
  guint n_same = 0;

  for (guint i = 0; i < self->checks->len; i++)
    {
      const Check *other = self->checks->pdata[i];

      if (strcmp (other->caller, check->caller) == 0)
        n_same++;
    }
  return n_same < EA_AUTHORITY_CALLER_MAX && self->checks->len < EA_AUTHORITY_CHECKS_MAX;
}

static void
on_user (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaAuthority *self = g_task_get_source_object (task);
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  guint32 user;

  if (answer == NULL)
    {
      return_denied (task, ""); /* it has left */
      return;
    }
  g_variant_get (answer, "(u)", &user);
  if (user == 0 || user == geteuid ())
    g_task_return_boolean (task, TRUE);
  else if (!has_room (self, g_task_get_task_data (task)))
    g_task_return_new_error (task, EA_AUTHORITY_ERROR, EA_AUTHORITY_ERROR_LIMIT,
                             "Too many calls wait for polkit: try again later");
  else
    ask_polkit (self, task);
}

void
ea_authority_check_async (EaAuthority *self, const char *caller, const char *action,
                          gboolean may_ask, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Check *check = g_new0 (Check, 1);

  check->caller = g_strdup (caller);
  check->action = g_strdup (action);
  check->may_ask = may_ask;
  g_task_set_task_data (task, check, check_free);
  g_dbus_connection_call (self->connection, BUS_NAME, BUS_PATH, BUS_NAME, "GetConnectionUnixUser",
                          g_variant_new ("(s)", caller), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, DEFAULT_TIMEOUT, NULL, on_user, task);
}

gboolean
ea_authority_check_finish (EaAuthority *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ea_authority_dispose (GObject *object)
{
  g_clear_object (&EA_AUTHORITY (object)->connection);
  G_OBJECT_CLASS (ea_authority_parent_class)->dispose (object);
}

static void
ea_authority_finalize (GObject *object)
{
  g_ptr_array_unref (EA_AUTHORITY (object)->checks);
  G_OBJECT_CLASS (ea_authority_parent_class)->finalize (object);
}

static void
ea_authority_class_init (EaAuthorityClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_authority_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_authority_finalize;
}

static void
ea_authority_init (EaAuthority *self)
{
  self->checks = g_ptr_array_new ();
}

EaAuthority *
ea_authority_new (GDBusConnection *connection)
{
  EaAuthority *self = g_object_new (EA_TYPE_AUTHORITY, NULL);

  self->connection = g_object_ref (connection);
  return self;
}
