/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-parts.h"

#include "core/error.h"
#include "sim-tlv.h"
#include "smsr-reply.h"
#include "smsr-script.h"

#define TAG_SCRIPT 0xAA
#define TAG_SCRIPT_INDEFINITE 0xAE
#define INDEFINITE_LENGTH 0x80
#define END_SIZE 2
#define TAG_RESPONSE 0xAB
#define TAG_R_APDU 0x23
#define TAG_EXECUTED 0x80
#define TAG_BAD_FORMAT 0x90

/* AA 82 LL LL, or AE 80 and the end 00 00 */
#define WRAPPING_SIZE 4

typedef struct
{
  GBytes *script;
  guint n_objects;
} Part;

struct _SimSmsrParts
{
  GPtrArray *parts; /* of Part */
  guint next;
  GByteArray *answers; /* objects without the numbers of executed commands */
  guint n_executed;
};

static void
part_free (gpointer data)
{
  Part *part = data;

  g_bytes_unref (part->script);
  g_free (part);
}

static void
add (SimSmsrParts *parts, GBytes *script, guint n_objects)
{
  Part *part = g_new0 (Part, 1);

  part->script = script;
  part->n_objects = n_objects;
  g_ptr_array_add (parts->parts, part);
}

static gboolean
get_objects (EaSpan script, SimSmsrFormat *format, EaSpan *objects)
{
  EaReader reader;
  guint8 tag;

  ea_reader_init (&reader, script);
  tag = ea_reader_u8 (&reader);
  *format = tag == TAG_SCRIPT ? SIM_SMSR_FORMAT_DEFINITE : SIM_SMSR_FORMAT_INDEFINITE;
  if (tag == TAG_SCRIPT)
    {
      *objects = ea_reader_bytes (&reader, sim_tlv_read_length (&reader));
      return ea_reader_done (&reader);
    }
  if (tag != TAG_SCRIPT_INDEFINITE || ea_reader_u8 (&reader) != INDEFINITE_LENGTH
      || ea_reader_remaining (&reader) < END_SIZE)
    return FALSE;
  *objects = ea_reader_bytes (&reader, ea_reader_remaining (&reader) - END_SIZE);
  return ea_reader_u16be (&reader) == 0 && ea_reader_done (&reader);
}

/* Octets of the next object, 0: there is none, or it is not whole. */
static gsize
measure_object (EaSpan objects)
{
  EaReader reader;

  ea_reader_init (&reader, objects);
  (void) sim_tlv_read (&reader);
  return ea_reader_is_ok (&reader) ? objects.size - ea_reader_remaining (&reader) : 0;
}

/* As many objects as fit. */
static gboolean
cut_one (SimSmsrParts *parts, SimSmsrFormat format, gsize size_max, EaSpan *objects, GError **error)
{
  gsize size = 0;
  guint n_objects = 0;
  gsize next;

  while ((next = measure_object (ea_span_tail (*objects, size))) > 0
         && size + next + WRAPPING_SIZE <= size_max)
    {
      size += next;
      n_objects++;
    }
  if (n_objects == 0 && next > 0)
    g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
                 "A command of %" G_GSIZE_FORMAT
                 " octets does not fit a script of %" G_GSIZE_FORMAT,
                 next, size_max);
  else if (n_objects == 0)
    g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                         "A script that has to be cut has something that is no command");
  else
    add (parts, sim_smsr_wrap_script (format, ea_span_head (*objects, size)), n_objects);
  *objects = ea_span_tail (*objects, size);
  return n_objects > 0;
}

static gboolean
cut (SimSmsrParts *parts, EaSpan script, gsize size_max, GError **error)
{
  SimSmsrFormat format;
  EaSpan objects = EA_SPAN_EMPTY;

  if (script.size <= size_max)
    {
      add (parts, ea_span_to_bytes (script), 0);
      return TRUE;
    }
  if (!get_objects (script, &format, &objects))
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "%" G_GSIZE_FORMAT " octets have to be cut, and are no expanded script",
                   script.size);
      return FALSE;
    }
  while (objects.size > 0)
    {
      if (!cut_one (parts, format, size_max, &objects, error))
        return FALSE;
    }
  return TRUE;
}

SimSmsrParts *
sim_smsr_parts_new (EaSpan script, gsize size_max, GError **error)
{
  g_autoptr (SimSmsrParts) parts = g_new0 (SimSmsrParts, 1);

  parts->parts = g_ptr_array_new_with_free_func (part_free);
  parts->answers = g_byte_array_new ();
  return cut (parts, script, size_max, error) ? g_steal_pointer (&parts) : NULL;
}

void
sim_smsr_parts_free (SimSmsrParts *parts)
{
  if (parts == NULL)
    return;
  g_ptr_array_unref (parts->parts);
  g_byte_array_unref (parts->answers);
  g_free (parts);
}

EaSpan
sim_smsr_parts_get (const SimSmsrParts *parts)
{
  const Part *part = g_ptr_array_index (parts->parts, parts->next);

  return ea_span_from_bytes (part->script);
}

static guint16
get_status_word (EaSpan response)
{
  EaReader reader;

  if (response.size < sizeof (guint16))
    return 0;
  ea_reader_init (&reader, ea_span_tail (response, response.size - sizeof (guint16)));
  return ea_reader_u16be (&reader);
}

static guint
get_number (EaSpan value)
{
  guint number = 0;
  EaReader reader;

  ea_reader_init (&reader, value);
  while (ea_reader_remaining (&reader) > 0)
    number = number << 8 | ea_reader_u8 (&reader);
  return number;
}

static gboolean
is_good (const SimTlv *tlv)
{
  if (tlv->tag == TAG_R_APDU)
    return sim_smsr_is_success (get_status_word (tlv->value));
  return tlv->tag != TAG_BAD_FORMAT;
}

/* Keeps what answers commands. Returns how many of them are answered well. */
static guint
take_objects (SimSmsrParts *parts, EaSpan objects)
{
  guint n_good = 0;
  gsize size;

  for (; (size = measure_object (objects)) > 0; objects = ea_span_tail (objects, size))
    {
      EaReader reader;
      SimTlv tlv;

      ea_reader_init (&reader, objects);
      tlv = sim_tlv_read (&reader);
      if (tlv.tag == TAG_EXECUTED)
        {
          parts->n_executed += get_number (tlv.value);
          continue;
        }
      g_byte_array_append (parts->answers, objects.data, (guint) size);
      n_good += is_good (&tlv) ? 1 : 0;
    }
  g_byte_array_append (parts->answers, objects.data,
                       (guint) objects.size); /* no object: whoever reads the whole complains */
  return n_good;
}

static GBytes *
build_response (const SimSmsrParts *parts)
{
  g_auto (EaWriter) number = { 0 };
  g_auto (EaWriter) objects = { 0 };
  g_auto (EaWriter) response = { 0 };

  ea_writer_init (&number);
  ea_writer_init (&objects);
  ea_writer_init (&response);
  if (parts->n_executed > G_MAXUINT8)
    ea_writer_u16be (&number, (guint16) parts->n_executed);
  else
    ea_writer_u8 (&number, (guint8) parts->n_executed);
  sim_tlv_write (&objects, TAG_EXECUTED, ea_writer_span (&number));
  ea_writer_bytes (&objects, ea_span_init (parts->answers->data, parts->answers->len));
  sim_tlv_write (&response, TAG_RESPONSE, ea_writer_span (&objects));
  return ea_writer_steal (&response);
}

GBytes *
sim_smsr_parts_take (SimSmsrParts *parts, EaSpan response, GError **error)
{
  const Part *part = g_ptr_array_index (parts->parts, parts->next);
  EaSpan objects = EA_SPAN_EMPTY;

  if (parts->parts->len == 1)
    return ea_span_to_bytes (response);
  if (!sim_smsr_parse_response (response, &objects, error))
    return NULL;
  parts->next++;
  if (take_objects (parts, objects) == part->n_objects && parts->next < parts->parts->len)
    return NULL;
  return build_response (parts);
}
