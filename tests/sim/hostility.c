/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "hostility.h"

#include <string.h>

#define CHANGED_MAX 8
#define ADDED_MAX 64
#define ADDED_MUCH_MAX 3000
#define MUCH_ONCE_IN 8

static const char *const kind_names[SIM_HOSTILE_KINDS] = {
  [SIM_HOSTILE_QMI_TWICE] = "qmi-twice",       [SIM_HOSTILE_QMI_RESULT] = "qmi-result",
  [SIM_HOSTILE_QMI_TLV_TYPE] = "qmi-tlv-type", [SIM_HOSTILE_QMI_TLV_VALUE] = "qmi-tlv-value",
  [SIM_HOSTILE_QMI_TLV_LOST] = "qmi-tlv-lost", [SIM_HOSTILE_QMI_CUT] = "qmi-cut",
  [SIM_HOSTILE_QMI_LONGER] = "qmi-longer",     [SIM_HOSTILE_QMI_TLV_LENGTH] = "qmi-tlv-length",
  [SIM_HOSTILE_QMI_LATE] = "qmi-late",         [SIM_HOSTILE_QMI_LOST] = "qmi-lost",
  [SIM_HOSTILE_QMI_CLIENT] = "qmi-client",     [SIM_HOSTILE_QMI_TRANSACTION] = "qmi-transaction",
  [SIM_HOSTILE_QMI_SERVICE] = "qmi-service",   [SIM_HOSTILE_QMI_MESSAGE] = "qmi-message",
  [SIM_HOSTILE_QMI_KIND] = "qmi-kind",         [SIM_HOSTILE_QMI_FRAMING] = "qmi-framing",
  [SIM_HOSTILE_CARD_STATUS] = "card-status",   [SIM_HOSTILE_CARD_DATA] = "card-data",
  [SIM_HOSTILE_HTTP_STATUS] = "http-status",   [SIM_HOSTILE_HTTP_FIELD] = "http-field",
  [SIM_HOSTILE_HTTP_LENGTH] = "http-length",   [SIM_HOSTILE_HTTP_CHUNKS] = "http-chunks",
  [SIM_HOSTILE_HTTP_BODY] = "http-body",       [SIM_HOSTILE_HTTP_SCRIPT] = "http-script",
  [SIM_HOSTILE_HTTP_OCTETS] = "http-octets",   [SIM_HOSTILE_HTTP_ENDLESS] = "http-endless",
  [SIM_HOSTILE_HTTP_TORN] = "http-torn",       [SIM_HOSTILE_TLS_ALERT] = "tls-alert",
  [SIM_HOSTILE_TLS_RECORD] = "tls-record",     [SIM_HOSTILE_TCP_HALF] = "tcp-half",
  [SIM_HOSTILE_TCP_RESET] = "tcp-reset",       [SIM_HOSTILE_PDU_FIELD] = "pdu-field",
  [SIM_HOSTILE_PDU_DATA] = "pdu-data",         [SIM_HOSTILE_PDU_OCTETS] = "pdu-octets",
  [SIM_HOSTILE_PDU_TWICE] = "pdu-twice",       [SIM_HOSTILE_PDU_LOST] = "pdu-lost",
  [SIM_HOSTILE_DNS_OCTETS] = "dns-octets",     [SIM_HOSTILE_DNS_COUNTS] = "dns-counts",
};

void
sim_hostility_begin (SimHostility *self, guint32 seed, guint percent, guint parts)
{
  sim_hostility_end (self);
  self->random = g_rand_new_with_seed (seed);
  self->percent = percent;
  self->parts = parts;
}

void
sim_hostility_end (SimHostility *self)
{
  g_clear_pointer (&self->random, g_rand_free);
}

guint
sim_hostility_draw (SimHostility *self, guint limit)
{
  return g_rand_int (self->random) % limit;
}

gboolean
sim_hostility_strikes (SimHostility *self, SimHostilePart part)
{
  return self != NULL && self->random != NULL && (self->parts & part) != 0
         && sim_hostility_draw (self, 100) < self->percent;
}

guint
sim_hostility_shorten (const SimHostility *self, guint seconds)
{
  return self->random != NULL ? 1 : seconds;
}

static guint8
draw_octet (SimHostility *self)
{
  static const guint8 limits[] = { 0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0xC0, 0xFE, 0xFF };
  guint drawn = sim_hostility_draw (self, 2 * G_N_ELEMENTS (limits));

  return drawn < G_N_ELEMENTS (limits) ? limits[drawn] : (guint8) g_rand_int (self->random);
}

GBytes *
sim_hostility_draw_octets (SimHostility *self, guint size)
{
  g_auto (EaWriter) writer = { NULL };

  ea_writer_init (&writer);
  for (guint i = 0; i < size; i++)
    ea_writer_u8 (&writer, draw_octet (self));
  return ea_writer_steal (&writer);
}

SimHostileKind
sim_hostility_choose (SimHostility *self, SimHostileKind first, SimHostileKind last)
{
  SimHostileKind kind = first + sim_hostility_draw (self, last - first + 1);

  self->counts[kind]++;
  return kind;
}

static GBytes *
join (EaSpan before, GBytes *middle, EaSpan behind)
{
  g_auto (EaWriter) writer = { NULL };

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, before);
  ea_writer_bytes (&writer, middle == NULL ? EA_SPAN_EMPTY : ea_span_from_bytes (middle));
  ea_writer_bytes (&writer, behind);
  return ea_writer_steal (&writer);
}

static guint
draw_addition (SimHostility *self)
{
  gboolean is_much = sim_hostility_draw (self, MUCH_ONCE_IN) == 0;

  return 1 + sim_hostility_draw (self, is_much ? ADDED_MUCH_MAX : ADDED_MAX);
}

GBytes *
sim_hostility_spoil (SimHostility *self, EaSpan octets)
{
  guint at = sim_hostility_draw (self, (guint) octets.size + 1);
  guint n_left = (guint) octets.size - at;
  guint n_octets = MIN (1 + sim_hostility_draw (self, CHANGED_MAX), n_left);
  EaSpan before = ea_span_head (octets, at);
  EaSpan behind = ea_span_tail (octets, at + n_octets);
  g_autoptr (GBytes) drawn = NULL;

  switch (sim_hostility_draw (self, 8))
    {
    case 0:
      return ea_span_to_bytes (before);
    case 1:
      drawn = sim_hostility_draw_octets (self, draw_addition (self));
      return join (octets, drawn, EA_SPAN_EMPTY);
    case 2:
      drawn = sim_hostility_draw_octets (self, draw_addition (self));
      return join (before, drawn, ea_span_tail (octets, at));
    case 3:
      return join (before, NULL, behind);
    case 4:
      return join (ea_span_head (octets, at + n_octets), NULL, ea_span_tail (octets, at));
    default:
      drawn = sim_hostility_draw_octets (self, n_octets);
      return join (before, drawn, behind);
    }
}

void
sim_hostility_describe (const SimHostility *self, GString *text)
{
  for (guint i = 0; i < SIM_HOSTILE_KINDS; i++)
    if (self->counts[i] > 0)
      g_string_append_printf (text, " %s=%u", kind_names[i], self->counts[i]);
}

gboolean
sim_hostility_find_part (const char *word, guint *part)
{
  static const char *const names[] = { "qmi", "card", "https", "cat-tp", "dns" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      *part = 1U << i;
      if (strcmp (names[i], word) == 0)
        return TRUE;
    }
  return FALSE;
}
