/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sequences of data objects (agent/core/tlv.h): what was read, written again, is read alike. */

#include "core/tlv.h"
#include "fuzz.h"

typedef gboolean (*ReadFunc) (EaReader *reader, EaTlv *out, GError **error);
typedef void (*WriteFunc) (EaWriter *writer, const EaTlv *tlv);

static void
write_ber (EaWriter *writer, const EaTlv *tlv)
{
  ea_tlv_write_ber (writer, tlv->tag, tlv->value);
}

static void
write_comprehension (EaWriter *writer, const EaTlv *tlv)
{
  ea_tlv_write_comprehension (writer, tlv->tag, tlv->is_comprehension_required, tlv->value);
}

static void
check_again (const EaTlv *tlv, ReadFunc read, WriteFunc write)
{
  g_auto (EaWriter) writer = { 0 };
  EaReader reader;
  EaTlv again;

  ea_writer_init (&writer);
  write (&writer, tlv);
  ea_reader_init (&reader, ea_writer_span (&writer));

  FUZZ_CLAIM (read (&reader, &again, NULL));
  FUZZ_CLAIM (ea_reader_done (&reader));
  FUZZ_CLAIM (again.tag == tlv->tag);
  FUZZ_CLAIM (again.is_comprehension_required == tlv->is_comprehension_required);
  FUZZ_CLAIM (ea_span_equal (again.value, tlv->value));
}

static void
check_sequence (EaSpan input, ReadFunc read, WriteFunc write)
{
  EaReader reader;

  ea_reader_init (&reader, input);
  while (ea_reader_remaining (&reader) > 0)
    {
      g_autoptr (GError) error = NULL;
      gsize offset = ea_reader_offset (&reader);
      EaTlv tlv;

      fuzz_poison (&tlv, sizeof tlv);
      if (!read (&reader, &tlv, &error))
        {
          FUZZ_CLAIM (error != NULL);
          FUZZ_CLAIM (fuzz_is_poisoned (&tlv, sizeof tlv));
          return;
        }
      FUZZ_CLAIM (error == NULL);
      FUZZ_CLAIM (fuzz_is_inside (tlv.value, tlv.object) && fuzz_is_inside (tlv.object, input));
      FUZZ_CLAIM (tlv.object.data == input.data + offset
                  && tlv.object.size == ea_reader_offset (&reader) - offset);
      FUZZ_CLAIM (tlv.offset == offset && ea_reader_offset (&reader) > offset);
      check_again (&tlv, read, write);
    }
}

static void
check_search (EaSpan input)
{
  for (guint32 tag = 1; tag < 0x80; tag++)
    {
      EaTlv tlv;

      fuzz_poison (&tlv, sizeof tlv);
      if (ea_tlv_find_comprehension (input, tag, &tlv))
        FUZZ_CLAIM (tlv.tag == tag && fuzz_is_inside (tlv.value, input));
      else
        FUZZ_CLAIM (fuzz_is_poisoned (&tlv, sizeof tlv));
    }
}

/* A walk ends, stays within its depth, and every object lies in the one around it. */
static void
check_walk (EaSpan input)
{
  EaSpan around[EA_TLV_DEPTH_MAX] = { input };
  EaTlvStep step = EA_TLV_STEP_OBJECT;
  EaTlvWalker walker;
  guint depth = 0;
  EaTlv tlv;

  ea_tlv_walker_init (&walker, input);
  while (step != EA_TLV_STEP_END)
    {
      g_autoptr (GError) error = NULL;

      fuzz_poison (&tlv, sizeof tlv);
      if (!ea_tlv_walker_next (&walker, &step, &tlv, &error))
        {
          FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&tlv, sizeof tlv));
          return;
        }
      FUZZ_CLAIM (error == NULL);
      if (step == EA_TLV_STEP_LEAVE)
        {
          FUZZ_CLAIM (depth > 0);
          depth--;
        }
      if (step != EA_TLV_STEP_OBJECT)
        continue;
      FUZZ_CLAIM (fuzz_is_inside (tlv.object, around[depth]));
      FUZZ_CLAIM (fuzz_is_inside (tlv.value, tlv.object));
      if (ea_tlv_is_constructed (tlv.tag))
        around[++depth] = tlv.value;
      FUZZ_CLAIM (depth < EA_TLV_DEPTH_MAX);
    }
  FUZZ_CLAIM (depth == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);

  check_sequence (input, ea_tlv_read_ber, write_ber);
  check_sequence (input, ea_tlv_read_comprehension, write_comprehension);
  check_search (input);
  check_walk (input);
  return 0;
}
