/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One script opens the secure channel, one authenticates, the rest carries segments. A script that
 * fails ends the download: nothing is repeated.
 */

#include "smsr-download.h"

#include "core/error.h"
#include "sim-scp03t.h"
#include "sim-tlv.h"
#include "smsr-reply.h"
#include "smsr-script.h"

#define MAGIC 0x50524F46 /* "PROF" */
#define FILE_MAX (16 * 1024 * 1024)
#define TAG_EXECUTED 0x80
#define TAG_BAD_FORMAT 0x90

typedef enum
{
  STEP_INITIALIZE_UPDATE,
  STEP_EXTERNAL_AUTHENTICATE,
  STEP_DATA,
} Step;

struct _SimSmsrDownload
{
  GBytes *plain;
  gsize offset;
  char *hash;
  guint n_segments;
  SimScp03tHost *channel;
  Step step;
  guint n_awaited; /* SCP03t responses to the script built last */
};

SimSmsrDownload *
sim_smsr_download_new (const char *path, guint n_segments, GError **error)
{
  static const guint8 challenge[SIM_SCP03T_CHALLENGE_SIZE]
      = { 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7 };
  g_autofree char *content = NULL;
  g_auto (EaWriter) plain = { 0 };
  SimSmsrDownload *download;
  EaSpan file;
  gsize size = 0;

  if (!g_file_get_contents (path, &content, &size, error))
    return NULL;
  if (size > FILE_MAX)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
                   "A profile of %" G_GSIZE_FORMAT " octets is too large", size);
      return NULL;
    }
  file = ea_span_init (content, size);
  ea_writer_init (&plain);
  ea_writer_u32be (&plain, MAGIC);
  ea_writer_u32be (&plain, (guint32) size);
  ea_writer_bytes (&plain, file);

  download = g_new0 (SimSmsrDownload, 1);
  download->hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, file.data, size);
  download->plain = ea_writer_steal (&plain);
  download->n_segments = n_segments;
  download->channel = sim_scp03t_host_new (EA_SPAN_OF_ARRAY (challenge));
  return download;
}

void
sim_smsr_download_free (SimSmsrDownload *download)
{
  if (download == NULL)
    return;
  sim_scp03t_host_free (download->channel);
  g_bytes_unref (download->plain);
  g_free (download->hash);
  g_free (download);
}

static void
take_bytes (EaWriter *objects, GBytes *object)
{
  g_autoptr (GBytes) owned = object;

  ea_writer_bytes (objects, ea_span_from_bytes (owned));
}

static void
write_segments (SimSmsrDownload *download, EaWriter *objects)
{
  EaSpan rest = ea_span_tail (ea_span_from_bytes (download->plain), download->offset);

  for (download->n_awaited = 0; download->n_awaited < download->n_segments && rest.size > 0;
       download->n_awaited++)
    {
      EaSpan segment = ea_span_head (rest, SIM_SCP03T_PLAIN_MAX);

      take_bytes (objects, sim_scp03t_host_seal (download->channel, segment));
      download->offset += segment.size;
      rest = ea_span_tail (rest, segment.size);
    }
}

GBytes *
sim_smsr_download_build (SimSmsrDownload *download)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  download->n_awaited = 1;
  switch (download->step)
    {
    case STEP_INITIALIZE_UPDATE:
      take_bytes (&objects, sim_scp03t_host_build_initialize_update (download->channel));
      break;
    case STEP_EXTERNAL_AUTHENTICATE:
      take_bytes (&objects, sim_scp03t_host_build_external_authenticate (download->channel));
      break;
    case STEP_DATA:
      write_segments (download, &objects);
      break;
    }
  if (download->n_awaited == 0)
    return NULL;
  return sim_smsr_wrap_script (SIM_SMSR_FORMAT_INDEFINITE, ea_writer_span (&objects));
}

static gboolean
take_object (SimSmsrDownload *download, const SimTlv *tlv, GError **error)
{
  if (tlv->tag == TAG_BAD_FORMAT)
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                           "The card calls the script badly formed");
      return FALSE;
    }
  if (download->n_awaited == 0)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "The ISD-P answers more commands than it got (tag %02X)", tlv->tag);
      return FALSE;
    }
  download->n_awaited--;
  if (download->step == STEP_INITIALIZE_UPDATE && tlv->tag == SIM_SCP03T_TAG_INITIALIZE_UPDATE)
    return sim_scp03t_host_take_initialize_update (download->channel, tlv->value, error);
  return sim_scp03t_host_take_response (download->channel, tlv->tag, tlv->value, error);
}

static gboolean
take_objects (SimSmsrDownload *download, EaSpan objects, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = sim_tlv_read (&reader);

      if (!ea_reader_is_ok (&reader))
        {
          g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                               "The ISD-P's answer is cut off");
          return FALSE;
        }
      if (tlv.tag != TAG_EXECUTED && !take_object (download, &tlv, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
sim_smsr_download_take (SimSmsrDownload *download, EaSpan script, GError **error)
{
  EaSpan objects = EA_SPAN_EMPTY;

  if (!sim_smsr_parse_response (script, &objects, error)
      || !take_objects (download, objects, error))
    return FALSE;
  if (download->n_awaited > 0)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "%u SCP03t commands have no answer", download->n_awaited);
      return FALSE;
    }
  if (download->step != STEP_DATA)
    download->step++;
  return TRUE;
}

gsize
sim_smsr_download_get_size (const SimSmsrDownload *download)
{
  return g_bytes_get_size (download->plain) - 2 * sizeof (guint32);
}

const char *
sim_smsr_download_get_hash (const SimSmsrDownload *download)
{
  return download->hash;
}
