/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The packet's record: version, EID with its length, TP-OA or the size of the largest answer and the peer, and the packet
 * to the end. The version is that of the form, so that what earlier versions of the agent have left is read, and they read
 * what this one leaves of short messages. */

#include "session/job.h"

#include <string.h>

#include "core/bytes.h"

#define PREFIX "job-"
#define VERSION_SMS 1
#define VERSION_CAT_TP 2
#define NUMBER_SEPARATOR '-'
#define RESPONSE_SEPARATOR '.'

void
ea_job_free (EaJob *job)
{
  if (job == NULL)
    return;
  g_free (job->record);
  g_free (job->eid);
  g_clear_pointer (&job->packet, g_bytes_unref);
  g_clear_pointer (&job->responses, g_ptr_array_unref);
  g_free (job);
}

static EaJob *
job_alloc (const char *record)
{
  EaJob *job = g_new0 (EaJob, 1);

  job->record = g_strdup (record);
  job->responses = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return job;
}

GStrv
ea_job_list (EaStore *store, const char *name)
{
  g_autofree char *prefix = g_strconcat (PREFIX, name, "-", NULL);
  g_auto (GStrv) records = ea_store_list (store, prefix);
  g_autoptr (GStrvBuilder) jobs = g_strv_builder_new ();

  for (guint i = 0; records[i] != NULL; i++)
    if (strchr (records[i], RESPONSE_SEPARATOR) == NULL)
      g_strv_builder_add (jobs, records[i]);
  return g_strv_builder_end (jobs);
}

/* (transfer full) (nullable): a name behind those that there are */
static char *
get_next_record (EaStore *store, const char *name, GError **error)
{
  g_auto (GStrv) jobs = ea_job_list (store, name);
  guint n_jobs = g_strv_length (jobs);
  guint64 number = 0;

  if (n_jobs >= EA_JOBS_MAX)
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL,
                   "%u secured packets wait to be carried out", n_jobs);
      return NULL;
    }
  if (n_jobs > 0)
    number = g_ascii_strtoull (strrchr (jobs[n_jobs - 1], NUMBER_SEPARATOR) + 1, NULL, 10) + 1;
  return g_strdup_printf (PREFIX "%s-%010" G_GUINT64_FORMAT, name, number);
}

static gboolean
write_path (EaWriter *writer, const EaReturnPath *path, GError **error)
{
  if (path->form == EA_SCP80_FORM_SMS)
    return ea_sms_write_address (writer, &path->originator, error);
  ea_writer_u16be (writer, path->max_response);
  ea_cattp_peer_write (writer, path->peer);
  return TRUE;
}

static gboolean
read_path (EaReader *reader, guint8 version, EaReturnPath *path)
{
  if (version == VERSION_SMS)
    {
      path->form = EA_SCP80_FORM_SMS;
      return ea_sms_read_address (reader, &path->originator, NULL);
    }
  path->form = EA_SCP80_FORM_CAT_TP;
  path->max_response = ea_reader_u16be (reader);
  return version == VERSION_CAT_TP && ea_cattp_peer_read (reader, path->peer);
}

static GBytes *
build_record (const EaJob *job, GError **error)
{
  g_auto (EaWriter) writer = { 0 };
  gsize eid_size = strlen (job->eid);

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, job->path.form == EA_SCP80_FORM_SMS ? VERSION_SMS : VERSION_CAT_TP);
  ea_writer_u8 (&writer, (guint8) eid_size);
  ea_writer_bytes (&writer, ea_span_init (job->eid, eid_size));
  if (!write_path (&writer, &job->path, error))
    return NULL;
  ea_writer_bytes (&writer, ea_span_from_bytes (job->packet));
  return ea_writer_steal (&writer);
}

EaJob *
ea_job_new (EaStore *store, const char *name, const char *eid, const EaReturnPath *path,
            EaSpan packet, EaStoreChange *change, GError **error)
{
  g_autofree char *record = get_next_record (store, name, error);
  g_autoptr (EaJob) job = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (record == NULL)
    return NULL;
  job = job_alloc (record);
  job->eid = g_strdup (eid);
  job->path = *path;
  job->packet = ea_span_to_bytes (packet);
  bytes = build_record (job, error);
  if (bytes == NULL)
    return NULL;
  ea_store_change_write (change, record, bytes);
  return g_steal_pointer (&job);
}

static gboolean
parse_record (EaJob *job, EaSpan bytes, GError **error)
{
  EaReader reader;
  EaSpan eid;
  guint8 version;

  ea_reader_init (&reader, bytes);
  version = ea_reader_u8 (&reader);
  eid = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  if (!ea_reader_is_ok (&reader) || !read_path (&reader, version, &job->path))
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED,
                   "Record '%s' is no command packet", job->record);
      return FALSE;
    }
  job->eid = g_strndup ((const char *) eid.data, eid.size);
  job->packet = ea_span_to_bytes (ea_reader_rest (&reader));
  return TRUE;
}

/* (transfer full): names of the records of its responses, in their order */
static GStrv
list_responses (EaStore *store, const char *record)
{
  g_autofree char *prefix = g_strdup_printf ("%s%c", record, RESPONSE_SEPARATOR);

  return ea_store_list (store, prefix);
}

/* (transfer full) (nullable): without its responses */
static EaJob *
read_packet (EaStore *store, const char *record, GError **error)
{
  g_autoptr (GBytes) bytes = ea_store_read (store, record, error);
  g_autoptr (EaJob) job = job_alloc (record);

  if (bytes == NULL || !parse_record (job, ea_span_from_bytes (bytes), error))
    return NULL;
  return g_steal_pointer (&job);
}

static gboolean
is_for_peer (const EaJob *job, const char *eid, const char *peer)
{
  return job->path.form == EA_SCP80_FORM_CAT_TP && g_str_equal (job->eid, eid)
         && g_str_equal (job->path.peer, peer);
}

/* @sdu: %NULL: any */
static gboolean
has_job (EaStore *store, const char *name, const char *eid, const char *peer, const EaSpan *sdu)
{
  g_auto (GStrv) records = ea_job_list (store, name);

  for (guint i = 0; records[i] != NULL; i++)
    {
      g_autoptr (EaJob) job = read_packet (store, records[i], NULL);

      if (job != NULL && is_for_peer (job, eid, peer)
          && (sdu == NULL || ea_span_equal (ea_span_from_bytes (job->packet), *sdu)))
        return TRUE;
    }
  return FALSE;
}

gboolean
ea_job_has_sdu (EaStore *store, const char *name, const char *eid, const char *peer, EaSpan sdu)
{
  return has_job (store, name, eid, peer, &sdu);
}

gboolean
ea_job_has_peer (EaStore *store, const char *name, const char *eid, const char *peer)
{
  return has_job (store, name, eid, peer, NULL);
}

EaJob *
ea_job_read (EaStore *store, const char *record, GError **error)
{
  g_autoptr (EaJob) job = read_packet (store, record, error);
  g_auto (GStrv) responses = NULL;

  if (job == NULL)
    return NULL;
  responses = list_responses (store, record);
  for (guint i = 0; responses[i] != NULL; i++)
    {
      GBytes *response = ea_store_read (store, responses[i], error);

      if (response == NULL)
        return NULL;
      g_ptr_array_add (job->responses, response);
    }
  return g_steal_pointer (&job);
}

void
ea_job_write_response (const EaJob *job, guint index, GBytes *response, EaStoreChange *change)
{
  g_autofree char *record = g_strdup_printf ("%s%c%05u", job->record, RESPONSE_SEPARATOR, index);

  ea_store_change_write (change, record, response);
}

void
ea_job_remove (EaStore *store, const char *record, EaStoreChange *change)
{
  g_auto (GStrv) responses = list_responses (store, record);

  for (guint i = 0; responses[i] != NULL; i++)
    ea_store_change_remove (change, responses[i]);
  ea_store_change_remove (change, record);
}
