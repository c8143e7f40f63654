/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "hostile-answer.h"

#define STATUS_FIRST 100
#define STATUS_BEYOND 600
#define STATUS_OK 200

#define COMMANDS_MAX 8
#define COMMAND_SIZE_MAX 40
#define ENDLESS_SIZE 4096
#define VALUE_MAX 6000

#define TAG_SCRIPT 0xAA
#define TAG_C_APDU 0x22
#define LENGTH_IN_TWO_OCTETS 0x82

#define TLS_ALERT 0x15
#define TLS_1_2 0x0303
#define ALERTS 121

typedef struct
{
  const char *name;
  const char *value; /* NULL: a long one */
} Field;

static const Field fields[] = {
  { "Content-Length", "-1" },
  { "Content-Length", "7" },
  { "Content-Length", "99999999999999999999" },
  { "Transfer-Encoding", "gzip, chunked" },
  { "Transfer-Encoding", "identity" },
  { "Content-Type", "" },
  { "Content-Type", NULL },
  { "Connection", "close" },
  { "X-Admin-Protocol", "globalplatform-remote-admin/9.9" },
  { "X-Admin-Next-URI", "" },
  { "X-Admin-Next-URI", "https://elsewhere.example/a?b#c" },
  { "X-Admin-Next-URI", "/a b\tc" },
  { "X-Admin-Next-URI", NULL },
  { "X-Admin-Targeted-Application", "//aid/zz" },
  { "X-Admin-Targeted-Application", "//aid/A000000559/1010FFFFFFFF8900000100/1" },
  { "X-Admin-Targeted-Application", NULL },
  { "", "nothing" },
  { "a name", "\x01\x7F" },
};

static const char *const lengths[] = {
  "0", "1", "-1", "+5", "0x10", "18446744073709551616", "5,5", "", "5 5", "00000000000000009"
};

static const char *const chunk_lengths[]
    = { "0", "1", "-1", "g", "FFFFFFFFFFFFFFFFF", "7FFFFFFF", "10;a=\"b", "", " 5", "80000000" };

static void
set_body (SimHttpAnswer *answer, GBytes *body)
{
  g_clear_pointer (&answer->body, g_bytes_unref);
  answer->body = body;
}

static GBytes *
draw_script (SimHostility *self)
{
  static const guint8 classes[] = { 0x00, 0x01, 0x80, 0x81, 0x84, 0xC0, 0xFF };
  static const guint8 instructions[]
      = { 0xCA, 0xE2, 0xE6, 0xF2, 0xA4, 0x70, 0xC0, 0xC2, 0x12, 0x14, 0xB0, 0x88 };
  g_auto (EaWriter) commands = { NULL };
  g_auto (EaWriter) script = { NULL };
  guint n_commands = sim_hostility_draw (self, COMMANDS_MAX);

  ea_writer_init (&commands);
  ea_writer_init (&script);
  for (guint i = 0; i < n_commands; i++)
    {
      guint size = sim_hostility_draw (self, COMMAND_SIZE_MAX);
      g_autoptr (GBytes) rest = sim_hostility_draw_octets (self, size);

      ea_writer_u8 (&commands, TAG_C_APDU);
      ea_writer_u8 (&commands, (guint8) (size + 2));
      ea_writer_u8 (&commands, classes[sim_hostility_draw (self, G_N_ELEMENTS (classes))]);
      ea_writer_u8 (&commands,
                    instructions[sim_hostility_draw (self, G_N_ELEMENTS (instructions))]);
      ea_writer_bytes (&commands, ea_span_from_bytes (rest));
    }
  ea_writer_u8 (&script, TAG_SCRIPT);
  ea_writer_u8 (&script, LENGTH_IN_TWO_OCTETS);
  ea_writer_u16be (&script, (guint16) ea_writer_span (&commands).size);
  ea_writer_bytes (&script, ea_writer_span (&commands));
  return ea_writer_steal (&script);
}

static void
spoil_body (SimHostility *self, SimHttpAnswer *answer, SimHostileKind kind)
{
  EaSpan body = answer->body == NULL ? EA_SPAN_EMPTY : ea_span_from_bytes (answer->body);

  answer->status = STATUS_OK;
  set_body (answer, kind == SIM_HOSTILE_HTTP_SCRIPT ? draw_script (self)
                                                    : sim_hostility_spoil (self, body));
}

static void
spoil_field (SimHostility *self, SimHttpAnswer *answer)
{
  const Field *field = &fields[sim_hostility_draw (self, G_N_ELEMENTS (fields))];
  g_autofree char *value = field->value != NULL
                               ? g_strdup (field->value)
                               : g_strnfill (sim_hostility_draw (self, VALUE_MAX), 'x');

  if (sim_hostility_draw (self, 2) == 0)
    sim_http_answer_add (answer, field->name, value);
  else
    sim_http_answer_replace (answer, field->name, value);
}

static GBytes *
write_spoilt (SimHostility *self, SimHttpAnswer *answer, const SimHttpStyle *style,
              SimHostileKind kind)
{
  SimHttpStyle lie = *style;

  if (kind == SIM_HOSTILE_HTTP_STATUS)
    answer->status = STATUS_FIRST + sim_hostility_draw (self, STATUS_BEYOND - STATUS_FIRST);
  else if (kind == SIM_HOSTILE_HTTP_FIELD)
    spoil_field (self, answer);
  else if (kind == SIM_HOSTILE_HTTP_LENGTH)
    lie.length = lengths[sim_hostility_draw (self, G_N_ELEMENTS (lengths))];
  else if (kind == SIM_HOSTILE_HTTP_CHUNKS)
    lie.chunk_length = chunk_lengths[sim_hostility_draw (self, G_N_ELEMENTS (chunk_lengths))];
  else if (kind == SIM_HOSTILE_HTTP_BODY || kind == SIM_HOSTILE_HTTP_SCRIPT)
    spoil_body (self, answer, kind);
  return sim_http_answer_write (answer, &lie);
}

void
sim_hostile_answer_spoil (SimHostility *self, SimSmsrSpoilt *out, const SimHttpAnswer *answer,
                          const SimHttpStyle *style)
{
  SimHostileKind kind = sim_hostility_choose (self, SIM_HOSTILE_HTTP_STATUS, SIM_HOSTILE_HTTP_TORN);
  g_autoptr (SimHttpAnswer) other = sim_http_answer_copy (answer);
  g_autoptr (GBytes) whole = write_spoilt (self, other, style, kind);
  gsize size = g_bytes_get_size (whole);

  *out = (SimSmsrSpoilt){ .is_lost = TRUE };
  if (kind == SIM_HOSTILE_HTTP_OCTETS)
    out->bytes = sim_hostility_spoil (self, ea_span_from_bytes (whole));
  else if (kind == SIM_HOSTILE_HTTP_TORN || kind == SIM_HOSTILE_HTTP_ENDLESS)
    out->bytes = g_bytes_new_from_bytes (whole, 0, sim_hostility_draw (self, (guint) size));
  else
    out->bytes = g_steal_pointer (&whole);
  if (kind == SIM_HOSTILE_HTTP_ENDLESS)
    out->endless = sim_hostility_draw_octets (self, ENDLESS_SIZE);
  out->must_close = out->is_torn = kind == SIM_HOSTILE_HTTP_TORN;
}

static GBytes *
build_alert (SimHostility *self)
{
  g_auto (EaWriter) writer = { NULL };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, TLS_ALERT);
  ea_writer_u16be (&writer, TLS_1_2);
  ea_writer_u16be (&writer, 2);
  ea_writer_u8 (&writer, (guint8) (1 + sim_hostility_draw (self, 2)));
  ea_writer_u8 (&writer, (guint8) sim_hostility_draw (self, ALERTS));
  return ea_writer_steal (&writer);
}

SimHostileKind
sim_hostile_stream_spoil (SimHostility *self, GByteArray *records)
{
  SimHostileKind kind = sim_hostility_choose (self, SIM_HOSTILE_TLS_ALERT, SIM_HOSTILE_TCP_RESET);
  g_autoptr (GBytes) octets = NULL;

  if (kind == SIM_HOSTILE_TLS_ALERT)
    {
      octets = build_alert (self);
      g_byte_array_prepend (records, g_bytes_get_data (octets, NULL),
                            (guint) g_bytes_get_size (octets));
    }
  else if (kind == SIM_HOSTILE_TLS_RECORD)
    {
      octets = sim_hostility_spoil (self, ea_span_from_array (records));
      g_byte_array_set_size (records, 0);
      g_byte_array_append (records, g_bytes_get_data (octets, NULL),
                           (guint) g_bytes_get_size (octets));
    }
  return kind;
}
