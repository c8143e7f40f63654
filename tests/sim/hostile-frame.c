/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One element of a frame is wrong, and all lengths around it are right: what is wrong in one place only comes furthest.
 * Who waits for a response that does not come, goes astray or cannot be read does so for a long time, and nothing else
 * can go wrong meanwhile: that is rare. So is a frame whose own length or marker is wrong: its reader may lose the beat
 * for good.
 */
#include "hostile-frame.h"

#include "qmi.h"
#include "qmux.h"

#define FRAMING_ONCE_IN 100
#define ASTRAY_ONCE_IN 10
#define LATE_MAX_MS 1500
#define TLVS_MAX 4000
#define TLV_RESULT 0x02
#define NOISE_MAX 8

/* Errors of QMI that are near to those that firmware gives */
#define ERROR_LIMIT 100

static const guint8 services[]
    = { SIM_SERVICE_CTL, SIM_SERVICE_DMS,  SIM_SERVICE_NAS, SIM_SERVICE_WMS,
        SIM_SERVICE_UIM, SIM_SERVICE_CAT2, SIM_SERVICE_CAT, 0x77 };

static GBytes *
build (const SimQmiMessage *message, GBytes *tlvs)
{
  SimQmiMessage other = *message;

  other.tlvs = ea_span_head (ea_span_from_bytes (tlvs), TLVS_MAX);
  return sim_qmux_build (&other);
}

static guint
count_tlvs (EaSpan tlvs)
{
  EaReader reader;
  guint n_tlvs = 0;

  ea_reader_init (&reader, tlvs);
  while (ea_reader_remaining (&reader) > 0)
    {
      (void) ea_reader_u8 (&reader);
      (void) sim_read_lv16 (&reader);
      if (!ea_reader_is_ok (&reader))
        break;
      n_tlvs++;
    }
  return n_tlvs;
}

/* The one that is spoilt */
static void
write_spoilt (SimHostility *self, EaWriter *writer, guint8 type, EaSpan value, SimHostileKind kind)
{
  g_autoptr (GBytes) spoilt = NULL;

  if (kind == SIM_HOSTILE_QMI_TLV_LOST)
    return;
  if (kind == SIM_HOSTILE_QMI_TLV_VALUE)
    {
      spoilt = sim_hostility_spoil (self, value);
      sim_qmi_add (writer, type, ea_span_from_bytes (spoilt));
      return;
    }
  ea_writer_u8 (writer,
                kind == SIM_HOSTILE_QMI_TLV_TYPE ? (guint8) sim_hostility_draw (self, 64) : type);
  if (kind == SIM_HOSTILE_QMI_TLV_LENGTH)
    ea_writer_u16le (writer, (guint16) sim_hostility_draw (self, (guint) value.size * 2 + 3));
  else
    ea_writer_u16le (writer, (guint16) value.size);
  ea_writer_bytes (writer, value);
}

static GBytes *
spoil_tlv (SimHostility *self, const SimQmiMessage *message, SimHostileKind kind)
{
  guint n_tlvs = count_tlvs (message->tlvs);
  guint victim = sim_hostility_draw (self, MAX (n_tlvs, 1));
  g_auto (EaWriter) writer = { NULL };
  g_autoptr (GBytes) tlvs = NULL;
  EaReader reader;

  ea_writer_init (&writer);
  ea_reader_init (&reader, message->tlvs);
  for (guint i = 0; i < n_tlvs; i++)
    {
      guint8 type = ea_reader_u8 (&reader);
      EaSpan value = sim_read_lv16 (&reader);

      if (i == victim)
        write_spoilt (self, &writer, type, value, kind);
      else
        sim_qmi_add (&writer, type, value);
    }
  tlvs = ea_writer_steal (&writer);
  return build (message, tlvs);
}

/* Any error, with or without what a success would have said */
static GBytes *
spoil_result (SimHostility *self, const SimQmiMessage *message)
{
  EaSpan rest = message->tlvs;
  g_auto (EaWriter) writer = { NULL };
  g_autoptr (GBytes) tlvs = NULL;

  if (message->kind == SIM_QMI_RESPONSE)
    rest = ea_span_tail (rest, 7);
  ea_writer_init (&writer);
  ea_writer_u8 (&writer, TLV_RESULT);
  ea_writer_u16le (&writer, 4);
  ea_writer_u16le (&writer, (guint16) sim_hostility_draw (self, 3));
  ea_writer_u16le (&writer, (guint16) sim_hostility_draw (self, ERROR_LIMIT));
  if (sim_hostility_draw (self, 2) == 0)
    ea_writer_bytes (&writer, rest);
  tlvs = ea_writer_steal (&writer);
  return build (message, tlvs);
}

static GBytes *
spoil_size (SimHostility *self, const SimQmiMessage *message, SimHostileKind kind)
{
  guint size = (guint) message->tlvs.size;
  g_auto (EaWriter) writer = { NULL };
  g_autoptr (GBytes) tlvs = NULL;
  g_autoptr (GBytes) more = NULL;

  ea_writer_init (&writer);
  if (kind == SIM_HOSTILE_QMI_CUT)
    ea_writer_bytes (&writer, ea_span_head (message->tlvs, sim_hostility_draw (self, size + 1)));
  else
    {
      more = sim_hostility_draw_octets (self, 1 + sim_hostility_draw (self, TLVS_MAX / 4));
      ea_writer_bytes (&writer, message->tlvs);
      ea_writer_bytes (&writer, ea_span_from_bytes (more));
    }
  tlvs = ea_writer_steal (&writer);
  return build (message, tlvs);
}

static GBytes *
spoil_address (SimHostility *self, const SimQmiMessage *message, SimHostileKind kind)
{
  SimQmiMessage other = *message;

  if (kind == SIM_HOSTILE_QMI_CLIENT)
    other.client = (guint8) sim_hostility_draw (self, 12);
  else if (kind == SIM_HOSTILE_QMI_TRANSACTION)
    other.transaction = (guint16) (other.transaction - 8 + sim_hostility_draw (self, 16));
  else if (kind == SIM_HOSTILE_QMI_SERVICE)
    other.service = services[sim_hostility_draw (self, G_N_ELEMENTS (services))];
  else if (kind == SIM_HOSTILE_QMI_MESSAGE)
    other.message = (guint16) sim_hostility_draw (self, 128);
  else
    other.kind = (SimQmiKind) sim_hostility_draw (self, 3);
  return sim_qmux_build (&other);
}

static GBytes *
spoil_framing (SimHostility *self, GBytes *frame)
{
  g_autoptr (GBytes) noise
      = sim_hostility_draw_octets (self, 1 + sim_hostility_draw (self, NOISE_MAX));
  g_auto (EaWriter) writer = { NULL };

  self->counts[SIM_HOSTILE_QMI_FRAMING]++;
  if (sim_hostility_draw (self, 2) == 0)
    return sim_hostility_spoil (self, ea_span_from_bytes (frame));
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_from_bytes (noise));
  ea_writer_bytes (&writer, ea_span_from_bytes (frame));
  return ea_writer_steal (&writer);
}

static GBytes *
repeat (GBytes *frame)
{
  g_auto (EaWriter) writer = { NULL };

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_from_bytes (frame));
  ea_writer_bytes (&writer, ea_span_from_bytes (frame));
  return ea_writer_steal (&writer);
}

static SimHostileKind
choose (SimHostility *self, const SimQmiMessage *message)
{
  gboolean comes
      = message->kind == SIM_QMI_RESPONSE && sim_hostility_draw (self, ASTRAY_ONCE_IN) > 0;

  return sim_hostility_choose (self, SIM_HOSTILE_QMI_TWICE,
                               comes ? SIM_HOSTILE_QMI_TLV_LOST : SIM_HOSTILE_QMI_KIND);
}

static GBytes *
spoil_message (SimHostility *self, const SimQmiMessage *message, SimHostileKind kind)
{
  if (kind == SIM_HOSTILE_QMI_RESULT)
    return spoil_result (self, message);
  if (kind == SIM_HOSTILE_QMI_CUT || kind == SIM_HOSTILE_QMI_LONGER)
    return spoil_size (self, message, kind);
  return kind < SIM_HOSTILE_QMI_LATE ? spoil_tlv (self, message, kind)
                                     : spoil_address (self, message, kind);
}

GBytes *
sim_hostile_frame_spoil (SimHostility *self, GBytes *frame, guint *late_ms)
{
  SimQmiMessage message = { 0 };
  SimHostileKind kind;

  *late_ms = 0;
  if (sim_hostility_draw (self, FRAMING_ONCE_IN) == 0
      || !sim_qmux_parse (&message, ea_span_from_bytes (frame), NULL))
    return spoil_framing (self, frame);
  kind = choose (self, &message);
  if (kind == SIM_HOSTILE_QMI_LOST)
    return NULL;
  if (kind == SIM_HOSTILE_QMI_LATE)
    {
      *late_ms = 1 + sim_hostility_draw (self, LATE_MAX_MS);
      return g_bytes_ref (frame);
    }
  return kind == SIM_HOSTILE_QMI_TWICE ? repeat (frame) : spoil_message (self, &message, kind);
}
