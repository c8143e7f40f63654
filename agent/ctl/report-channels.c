/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The data channels that eUICCs have open. */

#include "ctl/report-private.h"
#include "ctl/report-table.h"

static const char *
get_sentence (EaDbusChannel *channel)
{
  const char *sentence;

  g_variant_get (ea_dbus_channel_get_error (channel), "(&s&s)", NULL, &sentence);
  return sentence;
}

void
ea_report_add_channel_identity (JsonBuilder *builder, EaClient *client, EaDbusChannel *channel)
{
  g_autofree char *eid = ea_client_get_eid (client, ea_dbus_channel_get_euicc (channel));

  ea_report_add_string (builder, "path", g_dbus_proxy_get_object_path (G_DBUS_PROXY (channel)));
  ea_report_add_string (builder, "euicc", ea_dbus_channel_get_euicc (channel));
  ea_report_add_string (builder, "eid", eid);
  ea_report_add_number (builder, "number", ea_dbus_channel_get_number (channel));
  ea_report_add_string (builder, "transport", ea_dbus_channel_get_transport (channel));
  ea_report_add_string (builder, "peer", ea_dbus_channel_get_peer (channel));
}

static JsonNode *
build_channel (EaClient *client, EaDbusChannel *channel)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ea_report_add_channel_identity (builder, client, channel);
  ea_report_add_string (builder, "interface", ea_dbus_channel_get_interface (channel));
  ea_report_add_string (builder, "apn", ea_dbus_channel_get_apn (channel));
  ea_report_add_number (builder, "buffer_size", ea_dbus_channel_get_buffer_size (channel));
  ea_report_add_string (builder, "state", ea_dbus_channel_get_state (channel));
  ea_report_add_number (builder, "bytes_received", ea_dbus_channel_get_bytes_received (channel));
  ea_report_add_number (builder, "bytes_sent", ea_dbus_channel_get_bytes_sent (channel));
  ea_report_add_error (builder, "error", ea_dbus_channel_get_error (channel));
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
add_channels (JsonBuilder *builder, EaClient *client, GPtrArray *channels)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < channels->len; i++)
    json_builder_add_value (builder, build_channel (client, g_ptr_array_index (channels, i)));
  json_builder_end_array (builder);
}

void
ea_report_add_channels (JsonBuilder *builder, EaClient *client, const char *euicc_path)
{
  g_autoptr (GPtrArray) channels = ea_client_get_channels (client, euicc_path);

  json_builder_set_member_name (builder, "channels");
  add_channels (builder, client, channels);
}

/* The table */

static void
add_row (EaReportTable *table, EaClient *client, EaDbusChannel *channel)
{
  const char *peer = ea_report_dash_if_empty (ea_dbus_channel_get_peer (channel));
  const char *interface = ea_report_dash_if_empty (ea_dbus_channel_get_interface (channel));

  ea_report_table_add_count (table, ea_dbus_channel_get_number (channel));
  ea_report_table_add (table,
                       ea_client_get_short_eid (client, ea_dbus_channel_get_euicc (channel)));
  ea_report_table_add (table, g_strdup (ea_dbus_channel_get_transport (channel)));
  ea_report_table_add (table, g_strdup (peer));
  ea_report_table_add (table, g_strdup (interface));
  ea_report_table_add (table,
                       g_strdup (ea_report_dash_if_empty (ea_dbus_channel_get_apn (channel))));
  ea_report_table_add (table, g_strdup (ea_dbus_channel_get_state (channel)));
  ea_report_table_add_count (table, ea_dbus_channel_get_bytes_received (channel));
  ea_report_table_add_count (table, ea_dbus_channel_get_bytes_sent (channel));
}

static void
print_errors (EaClient *client, GPtrArray *channels)
{
  for (guint i = 0; i < channels->len; i++)
    {
      EaDbusChannel *channel = g_ptr_array_index (channels, i);
      g_autofree char *eid = ea_client_get_short_eid (client, ea_dbus_channel_get_euicc (channel));

      g_autofree char *name
          = g_strdup_printf ("Channel %u of %s", ea_dbus_channel_get_number (channel), eid);

      if (get_sentence (channel)[0] != '\0')
        ea_report_print_remark (name, get_sentence (channel));
    }
}

static void
print_table (EaClient *client, GPtrArray *channels)
{
  static const char *const headings[] = { ">CH",  "EUICC",  "VIA",       "~PEER", "~INTERFACE",
                                          "~APN", "!STATE", ">RECEIVED", ">SENT", NULL };
  g_autoptr (EaReportTable) table = ea_report_table_new (headings);

  for (guint i = 0; i < channels->len; i++)
    add_row (table, client, g_ptr_array_index (channels, i));
  ea_report_table_print (table);
  print_errors (client, channels);
}

void
ea_report_channels (EaClient *client, EaReportFormat format)
{
  g_autoptr (GPtrArray) channels = ea_client_get_channels (client, NULL);
  g_autoptr (JsonBuilder) builder = NULL;

  if (format == EA_REPORT_TABLE)
    {
      print_table (client, channels);
      return;
    }
  builder = json_builder_new ();
  add_channels (builder, client, channels);
  ea_report_print_json (json_builder_get_root (builder), format);
}

/* In other reports */

char *
ea_report_describe_channel (EaDbusChannel *channel)
{
  const char *peer = ea_dbus_channel_get_peer (channel);

  return g_strconcat (ea_dbus_channel_get_transport (channel), peer[0] != '\0' ? " " : "", peer,
                      NULL);
}

char *
ea_report_describe_counts (EaDbusChannel *channel)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " bytes received, %" G_GUINT64_FORMAT " sent",
                          ea_dbus_channel_get_bytes_received (channel),
                          ea_dbus_channel_get_bytes_sent (channel));
}

void
ea_report_print_channels (EaClient *client, const char *euicc_path)
{
  g_autoptr (GPtrArray) channels = ea_client_get_channels (client, euicc_path);

  for (guint i = 0; i < channels->len; i++)
    {
      EaDbusChannel *channel = g_ptr_array_index (channels, i);
      g_autofree char *what = ea_report_describe_channel (channel);
      g_autofree char *counts = ea_report_describe_counts (channel);

      g_autofree char *line
          = g_strdup_printf ("%u %s, %s, %s", ea_dbus_channel_get_number (channel), what,
                             ea_dbus_channel_get_state (channel), counts);

      ea_report_print_fact (i == 0 ? "Channels" : "", line);
    }
}

void
ea_report_print_n_channels (EaClient *client)
{
  g_autoptr (GPtrArray) channels = ea_client_get_channels (client, NULL);

  if (channels->len == 1)
    g_print ("\n1 channel is open, see 'euiccctl channels'\n");
  else if (channels->len > 1)
    g_print ("\n%u channels are open, see 'euiccctl channels'\n", channels->len);
}
