/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The data channels that eUICCs have open. */

#include <string.h>

#include "ctl/report-private.h"

#define GAP "  "

typedef enum
{
  COLUMN_NUMBER,
  COLUMN_EUICC,
  COLUMN_VIA,
  COLUMN_PEER,
  COLUMN_INTERFACE,
  COLUMN_APN,
  COLUMN_STATE,
  COLUMN_RECEIVED,
  COLUMN_SENT,
  N_COLUMNS
} Column;

typedef struct
{
  char *cells[N_COLUMNS];
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  for (gsize i = 0; i < N_COLUMNS; i++)
    g_free (row->cells[i]);
  g_free (row);
}

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

static Row *
new_heading (void)
{
  static const Row heading = { { [COLUMN_NUMBER] = (char *) "CH",
                                 [COLUMN_EUICC] = (char *) "EUICC",
                                 [COLUMN_VIA] = (char *) "VIA",
                                 [COLUMN_PEER] = (char *) "PEER",
                                 [COLUMN_INTERFACE] = (char *) "INTERFACE",
                                 [COLUMN_APN] = (char *) "APN",
                                 [COLUMN_STATE] = (char *) "STATE",
                                 [COLUMN_RECEIVED] = (char *) "RECEIVED",
                                 [COLUMN_SENT] = (char *) "SENT" } };
  Row *row = g_new0 (Row, 1);

  for (gsize i = 0; i < N_COLUMNS; i++)
    row->cells[i] = g_strdup (heading.cells[i]);
  return row;
}

static char *
format_count (guint64 count)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, count);
}

static Row *
new_row (EaClient *client, EaDbusChannel *channel)
{
  Row *row = g_new0 (Row, 1);

  row->cells[COLUMN_NUMBER] = format_count (ea_dbus_channel_get_number (channel));
  row->cells[COLUMN_EUICC] = ea_client_get_short_eid (client, ea_dbus_channel_get_euicc (channel));
  row->cells[COLUMN_VIA] = g_strdup (ea_dbus_channel_get_transport (channel));
  row->cells[COLUMN_PEER] = g_strdup (ea_report_dash_if_empty (ea_dbus_channel_get_peer (channel)));
  row->cells[COLUMN_INTERFACE]
      = g_strdup (ea_report_dash_if_empty (ea_dbus_channel_get_interface (channel)));
  row->cells[COLUMN_APN] = g_strdup (ea_report_dash_if_empty (ea_dbus_channel_get_apn (channel)));
  row->cells[COLUMN_STATE] = g_strdup (ea_dbus_channel_get_state (channel));
  row->cells[COLUMN_RECEIVED] = format_count (ea_dbus_channel_get_bytes_received (channel));
  row->cells[COLUMN_SENT] = format_count (ea_dbus_channel_get_bytes_sent (channel));
  return row;
}

static gsize
get_width (GPtrArray *rows, Column column)
{
  gsize width = 0;

  for (guint i = 0; i < rows->len; i++)
    width = MAX (width, strlen (((Row *) g_ptr_array_index (rows, i))->cells[column]));
  return width;
}

static void
print_row (GPtrArray *rows, guint index)
{
  const Row *row = g_ptr_array_index (rows, index);

  for (Column i = 0; i < N_COLUMNS; i++)
    {
      int width = (int) get_width (rows, i);
      gboolean is_state = i == COLUMN_STATE && index > 0;

      if (i == COLUMN_NUMBER || i >= COLUMN_RECEIVED)
        g_print ("%*s", width, row->cells[i]);
      else
        g_print ("%s%-*s%s", is_state ? ea_report_get_state_colour (row->cells[i]) : "", width,
                 row->cells[i], is_state ? ea_report_get_plain_colour () : "");
      g_print ("%s", i < COLUMN_SENT ? GAP : "\n");
    }
}

static void
print_errors (EaClient *client, GPtrArray *channels)
{
  for (guint i = 0; i < channels->len; i++)
    {
      EaDbusChannel *channel = g_ptr_array_index (channels, i);
      g_autofree char *eid = ea_client_get_short_eid (client, ea_dbus_channel_get_euicc (channel));

      if (get_sentence (channel)[0] != '\0')
        g_print ("\nChannel %u of %s: %s\n", ea_dbus_channel_get_number (channel), eid,
                 get_sentence (channel));
    }
}

static void
print_table (EaClient *client, GPtrArray *channels)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (row_free);

  g_ptr_array_add (rows, new_heading ());
  for (guint i = 0; i < channels->len; i++)
    g_ptr_array_add (rows, new_row (client, g_ptr_array_index (channels, i)));
  for (guint i = 0; i < rows->len; i++)
    print_row (rows, i);
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

      g_print ("%*s  %u %s, %s, %s\n", EA_REPORT_LABEL_WIDTH, i == 0 ? "Channels" : "",
               ea_dbus_channel_get_number (channel), what, ea_dbus_channel_get_state (channel),
               counts);
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
