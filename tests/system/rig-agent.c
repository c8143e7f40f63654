/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a rig sees of its agent: properties on the bus, the log, the client. */

#include "rig.h"

#include <string.h>

/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define AGENT_NAME "org.euicc.Agent1"
#define EUICC_PATH "/org/euicc/Agent1/Euicc/%u"
#define EUICC_INTERFACE "org.euicc.Agent1.Euicc"
#define POLL_MS 20

typedef struct
{
  Rig *rig;
  const char *name;
  const char *text;
  guint64 number;
} Expectation;

static gboolean
has_logged (gpointer data)
{
  const Expectation *expectation = data;
  g_autofree char *log = rig_read_log (expectation->rig);

  rig_look_again (POLL_MS); /* look again then */
  return strstr (log, expectation->text) != NULL;
}

void
rig_await_log (Rig *rig, const char *text)
{
  Expectation expectation = { .rig = rig, .text = text };

  if (!rig_await_that (has_logged, &expectation))
    {
      g_autofree char *log = rig_read_log (rig);

      fail_msg ("the log never had '%s':\n%s", text, log);
    }
}

/* One that was made before its object is there has only what has changed since. */
static gboolean
is_complete (GDBusProxy *proxy)
{
  g_autoptr (GVariant) constant = g_dbus_proxy_get_cached_property (proxy, "DeviceId");

  return constant != NULL;
}

static void
ensure_euicc (Rig *rig)
{
  g_autofree char *path = g_strdup_printf (EUICC_PATH, rig->number);
  g_autoptr (GError) error = NULL;

  if (rig->euicc != NULL && is_complete (rig->euicc))
    return;
  g_clear_object (&rig->euicc);
  rig->euicc = g_dbus_proxy_new_sync (rig->connection, G_DBUS_PROXY_FLAGS_NONE, NULL, AGENT_NAME,
                                      path, EUICC_INTERFACE, NULL, &error);
  if (rig->euicc == NULL)
    fail_msg ("%s", error->message);
  if (!is_complete (rig->euicc))
    rig_look_again (POLL_MS);
}

char *
rig_get (Rig *rig, const char *property)
{
  g_autoptr (GVariant) value = NULL;

  ensure_euicc (rig);
  value = g_dbus_proxy_get_cached_property (rig->euicc, property);
  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_TUPLE))
    {
      g_autoptr (GVariant) tuple = g_steal_pointer (&value);

      value = g_variant_get_child_value (tuple, 0);
    }
  return value != NULL ? g_strdup (g_variant_get_string (value, NULL)) : g_strdup ("");
}

static gboolean
has_value (gpointer data)
{
  const Expectation *expectation = data;
  g_autofree char *value = rig_get (expectation->rig, expectation->name);

  return strcmp (value, expectation->text) == 0;
}

void
rig_await (Rig *rig, const char *property, const char *value)
{
  Expectation expectation = { .rig = rig, .name = property, .text = value };

  if (!rig_await_that (has_value, &expectation))
    {
      g_autofree char *actual = rig_get (rig, property);
      g_autofree char *reason = rig_get (rig, "StateReason");

      fail_msg ("%s is '%s', not '%s' (%s)", property, actual, value, reason);
    }
}

void
rig_await_number (Rig *rig, guint number, const char *property, const char *value)
{
  g_clear_object (&rig->euicc);
  rig->number = number;
  rig_await (rig, property, value);
}

guint64
rig_get_counter (Rig *rig, const char *counter)
{
  g_autoptr (GVariant) counters = NULL;
  guint64 value = 0;

  ensure_euicc (rig);
  counters = g_dbus_proxy_get_cached_property (rig->euicc, "Counters");
  if (counters != NULL)
    g_variant_lookup (counters, counter, "t", &value);
  return value;
}

static gboolean
has_counted (gpointer data)
{
  const Expectation *expectation = data;

  return rig_get_counter (expectation->rig, expectation->name) >= expectation->number;
}

void
rig_await_counter (Rig *rig, const char *counter, guint64 value)
{
  Expectation expectation = { .rig = rig, .name = counter, .number = value };

  if (!rig_await_that (has_counted, &expectation))
    fail_msg ("counter %s is %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT, counter,
              rig_get_counter (rig, counter), value);
}
