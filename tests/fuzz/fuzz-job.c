/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Records of secured packets, as another version of the agent may have left them: the input is that of a job
 * (agent/session/job.h), which is written alike again when it was read, and that of an answer (agent/session/answers.h),
 * which is handed out to its peer once, or dropped.
 */

#include "session/job.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fuzz.h"
#include "session/answers.h"

#define NAME "0"
#define JOB_RECORD "job-0-0000000000"
#define ANSWER_RECORD "answer-0-0000000000"

static void
check_again (EaStore *store, const EaJob *job)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (EaJob) written = ea_job_new (store, NAME, job->eid, &job->path,
                                          ea_span_from_bytes (job->packet), change, NULL);
  g_autoptr (EaJob) again = NULL;

  if (written == NULL)
    return; /* an address that nobody has */
  FUZZ_CLAIM (ea_store_commit (store, change, NULL));
  again = ea_job_read (store, written->record, NULL);
  FUZZ_CLAIM (again != NULL);
  FUZZ_CLAIM (g_str_equal (again->eid, job->eid));
  FUZZ_CLAIM (again->path.form == job->path.form);
  FUZZ_CLAIM (again->path.max_response == job->path.max_response);
  FUZZ_CLAIM (g_str_equal (again->path.peer, job->path.peer));
  FUZZ_CLAIM (g_bytes_equal (again->packet, job->packet));
}

static void
check_job (EaStore *store, GBytes *record)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EaJob) job = NULL;

  FUZZ_CLAIM (ea_store_write (store, JOB_RECORD, record, NULL));
  job = ea_job_read (store, JOB_RECORD, &error);
  FUZZ_CLAIM ((job == NULL) == (error != NULL));
  if (job != NULL)
    {
      FUZZ_CLAIM (
          ea_job_has_sdu (store, NAME, job->eid, job->path.peer, ea_span_from_bytes (job->packet))
          == (job->path.form == EA_SCP80_FORM_CAT_TP));
      check_again (store, job);
    }
}

/* (transfer full): the EID that the record may say */
static char *
read_eid (GBytes *record)
{
  EaReader reader;
  EaSpan eid;

  ea_reader_init (&reader, ea_span_from_bytes (record));
  (void) ea_reader_u8 (&reader); /* version */
  eid = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  return g_strndup ((const char *) eid.data, eid.size);
}

/* Who opens a session for the answer has to make something of its peer. */
static void
check_peer (const char *peer)
{
  g_autofree char *name = NULL;
  guint16 port = 0;
  guint16 cattp_port = 0;

  FUZZ_CLAIM (strlen (peer) <= EA_CATTP_PEER_MAX);
  FUZZ_CLAIM (ea_cattp_peer_split (peer, &name, &port, &cattp_port));
  FUZZ_CLAIM (name[0] != '\0' && port > 0 && cattp_port > 0);
}

static void
check_answer (EaStore *store, GBytes *record)
{
  static const EaLogContext log = { 0 };
  g_autofree char *eid = read_eid (record);
  g_autoptr (EaAnswers) answers = NULL;
  g_auto (GStrv) peers = NULL;
  g_autoptr (GBytes) answer = NULL;
  guint64 number;

  FUZZ_CLAIM (ea_store_write (store, ANSWER_RECORD, record, NULL));
  answers = ea_answers_new (store, NAME, &log);
  ea_answers_set_eid (answers, eid);
  peers = ea_answers_list_peers (answers);
  if (peers[0] == NULL)
    return;
  check_peer (peers[0]);
  answer = ea_answers_hand_out (answers, peers[0], &number);
  FUZZ_CLAIM (answer != NULL && g_bytes_get_size (answer) > 0
              && g_bytes_get_size (answer) < g_bytes_get_size (record));
  FUZZ_CLAIM (ea_answers_remove (answers, number, NULL));
  FUZZ_CLAIM (ea_answers_is_empty (answers, peers[0]) && ea_answers_count (answers) == 0);
}

/* (transfer full): of its own, in memory where there is such a file system */
static char *
make_directory (void)
{
  g_autofree char *template = g_strdup ("/dev/shm/euicc-fuzz-XXXXXX");

  return g_mkdtemp (template) != NULL ? g_steal_pointer (&template)
                                      : g_dir_make_tmp ("euicc-fuzz-XXXXXX", NULL);
}

static void
delete_directory (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      (void) g_unlink (path);
    }
  (void) g_rmdir (directory);
}

/* What is dropped is logged; here nobody reads it. */
static GLogWriterOutput
log_nothing (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  return G_LOG_WRITER_HANDLED;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static gboolean is_silent;
  g_autofree char *directory = make_directory ();
  g_autoptr (GBytes) record = g_bytes_new (data, size);
  EaStore *store = ea_store_new (directory, NULL);

  FUZZ_CLAIM (store != NULL);
  if (!is_silent)
    g_log_set_writer_func (log_nothing, NULL, NULL);
  is_silent = TRUE;
  check_job (store, record);
  check_answer (store, record);
  ea_store_free (store);
  delete_directory (directory);
  return 0;
}
