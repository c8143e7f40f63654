/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/session.h"

#include "ctl/call.h"

/* @text: (nullable): then there is no number, and it stays */
static gboolean
parse_number (const char *option, const char *text, guint64 maximum, guint64 *number,
              GError **error)
{
  if (text == NULL || g_ascii_string_to_unsigned (text, 10, 1, maximum, number, NULL))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--%s is a number from 1 to %" G_GUINT64_FORMAT, option, maximum);
  return FALSE;
}

static void
add_port (GVariantBuilder *builder, const char *name, guint64 port)
{
  if (port != 0)
    g_variant_builder_add (builder, "{sv}", name, g_variant_new_uint16 ((guint16) port));
}

static void
add_text (GVariantBuilder *builder, const char *name, const char *text)
{
  if (text != NULL)
    g_variant_builder_add (builder, "{sv}", name, g_variant_new_string (text));
}

GVariant *
ea_session_build_options (const EaSessionOptions *options, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  guint64 port = 0;
  guint64 cattp_port = 0;
  guint64 timeout_s = 0;

  if (!parse_number ("port", options->port, G_MAXUINT16, &port, error)
      || !parse_number ("cat-tp-port", options->cattp_port, G_MAXUINT16, &cattp_port, error)
      || !parse_number ("timeout", options->timeout, EA_SESSION_TIMEOUT_MAX_S, &timeout_s, error))
    return NULL;
  add_text (&builder, "host", options->host);
  add_text (&builder, "uri", options->uri);
  add_text (&builder, "interface", options->interface);
  add_port (&builder, "port", port);
  add_port (&builder, "cat-tp-port", cattp_port);
  if (timeout_s != 0)
    g_variant_builder_add (&builder, "{sv}", "timeout", g_variant_new_uint32 ((guint32) timeout_s));
  return g_variant_builder_end (&builder);
}

char *
ea_session_open (EaDbusEuicc *euicc, const char *transport, GVariant *options, GError **error)
{
  g_autoptr (GVariant) result = ea_call (G_DBUS_PROXY (euicc), "OpenSession",
                                         g_variant_new ("(s@a{sv})", transport, options), error);
  char *path = NULL;

  if (result != NULL)
    g_variant_get (result, "(o)", &path);
  return path;
}
