/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The store is the queue; in memory is only which answers are on a link. A record is version, EID with its length,
 * peer with its length, SHA-256 of the command packet, and the response packet to the end.
 */

#include "session/answers.h"

#include <string.h>

#include "session/cattp-peer.h"

#define PREFIX "answer-"
#define VERSION 1
#define DIGEST_SIZE 32

/* What is known of an answer beside its record. */
typedef enum
{
  STATE_WAITING, /* not in the table */
  STATE_HANDED_OUT,
  STATE_PUT_ASIDE,
  STATE_ACKNOWLEDGED, /* its record could not be removed */
} State;

/* What a record says; spans borrow from it. */
typedef struct
{
  EaSpan eid;
  char peer[EA_CATTP_PEER_MAX + 1];
  EaSpan digest;
  EaSpan packet;
} Answer;

struct _EaAnswers
{
  GObject parent_instance;

  EaStore *store;
  char *prefix; /* of its records */
  const EaLogContext *context;
  char *eid; /* NULL: nothing is handed out */
  guint64 next_number;
  GHashTable *states; /* by number */
};

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaAnswers, ea_answers, G_TYPE_OBJECT)

static char *
get_record_name (EaAnswers *self, guint64 number)
{
  return g_strdup_printf ("%s%010" G_GUINT64_FORMAT, self->prefix, number);
}

static guint64
get_number (EaAnswers *self, const char *record)
{
  return g_ascii_strtoull (record + strlen (self->prefix), NULL, 10);
}

static State
get_state (EaAnswers *self, guint64 number)
{
  return (State) GPOINTER_TO_INT (g_hash_table_lookup (self->states, &number));
}

static void
set_state (EaAnswers *self, guint64 number, State state)
{
  if (state == STATE_WAITING)
    g_hash_table_remove (self->states, &number);
  else
    g_hash_table_insert (self->states, g_memdup2 (&number, sizeof number), GINT_TO_POINTER (state));
}

static void
hash (EaSpan command, guint8 digest[DIGEST_SIZE])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = DIGEST_SIZE;

  g_checksum_update (checksum, command.data, (gssize) command.size);
  g_checksum_get_digest (checksum, digest, &size);
}

static gboolean
parse_record (Answer *out, EaSpan bytes)
{
  EaReader reader;
  Answer answer;
  guint8 version;

  ea_reader_init (&reader, bytes);
  version = ea_reader_u8 (&reader);
  answer.eid = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  if (!ea_cattp_peer_read (&reader, answer.peer))
    return FALSE;
  answer.digest = ea_reader_bytes (&reader, DIGEST_SIZE);
  answer.packet = ea_reader_rest (&reader);
  if (!ea_reader_is_ok (&reader) || version != VERSION || answer.packet.size == 0)
    return FALSE;
  *out = answer;
  return TRUE;
}

static GBytes *
build_record (EaAnswers *self, const char *peer, EaSpan command, GBytes *packet)
{
  g_auto (EaWriter) writer = { 0 };
  gsize eid_size = strlen (self->eid);
  guint8 digest[DIGEST_SIZE];

  hash (command, digest);
  ea_writer_init (&writer);
  ea_writer_u8 (&writer, VERSION);
  ea_writer_u8 (&writer, (guint8) eid_size);
  ea_writer_bytes (&writer, ea_span_init (self->eid, eid_size));
  ea_cattp_peer_write (&writer, peer);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (digest));
  ea_writer_bytes (&writer, ea_span_from_bytes (packet));
  return ea_writer_steal (&writer);
}

typedef gboolean (*Claim) (const Answer *answer, State state, gconstpointer data);

/* (transfer full) (nullable): the record @name, which is @answer's, when that is of the eUICC @eid */
static GBytes *
read_of (EaAnswers *self, const char *eid, const char *name, Answer *answer)
{
  g_autoptr (GBytes) record = ea_store_read (self->store, name, NULL);

  if (record == NULL || !parse_record (answer, ea_span_from_bytes (record))
      || !ea_span_equal (answer->eid, ea_span_init (eid, strlen (eid))))
    return NULL;
  return g_steal_pointer (&record);
}

/* (transfer full) (nullable): the record, which is @answer's, of the oldest answer of the eUICC @eid to @peer of which
 * @claim is true. @eid: @peer: %NULL: there is none */
static GBytes *
find (EaAnswers *self, const char *eid, const char *peer, Claim claim, gconstpointer data,
      Answer *answer, guint64 *number)
{
  g_auto (GStrv) records = ea_store_list (self->store, self->prefix);

  for (guint i = 0; eid != NULL && records[i] != NULL; i++)
    {
      g_autoptr (GBytes) record = read_of (self, eid, records[i], answer);

      *number = get_number (self, records[i]);
      if (record != NULL && g_str_equal (answer->peer, peer)
          && claim (answer, get_state (self, *number), data))
        return g_steal_pointer (&record);
    }
  return NULL;
}

static gboolean
is_waiting (const Answer *answer, State state, gconstpointer data)
{
  return state == STATE_WAITING;
}

static gboolean
is_open (const Answer *answer, State state, gconstpointer data)
{
  return state == STATE_WAITING || state == STATE_HANDED_OUT;
}

static gboolean
has_digest (const Answer *answer, State state, gconstpointer data)
{
  return ea_span_equal (answer->digest, ea_span_init (data, DIGEST_SIZE));
}

/* What the SM-SR has and what could not be removed then goes with @change. */
static void
remove_acknowledged (EaAnswers *self, EaStoreChange *change)
{
  GHashTableIter iter;
  gpointer number;
  gpointer state;

  g_hash_table_iter_init (&iter, self->states);
  while (g_hash_table_iter_next (&iter, &number, &state))
    if (GPOINTER_TO_INT (state) == STATE_ACKNOWLEDGED)
      {
        g_autofree char *name = get_record_name (self, *(const guint64 *) number);

        ea_store_change_remove (change, name);
      }
}

gboolean
ea_answers_put (EaAnswers *self, const char *peer, EaSpan command, GBytes *answer,
                EaStoreChange *change, GError **error)
{
  guint n_answers = ea_answers_count (self);
  g_autofree char *name = NULL;
  g_autoptr (GBytes) record = NULL;

  g_return_val_if_fail (self->eid != NULL, FALSE);

  if (n_answers >= EA_ANSWERS_MAX)
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL,
                   "%u answers wait for the SM-SR already", n_answers);
      return FALSE;
    }
  name = get_record_name (self, self->next_number++);
  record = build_record (self, peer, command, answer);
  remove_acknowledged (self, change);
  ea_store_change_write (change, name, record);
  return TRUE;
}

GStrv
ea_answers_list_peers (EaAnswers *self)
{
  g_auto (GStrv) records = ea_store_list (self->store, self->prefix);
  g_autoptr (GPtrArray) peers = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; self->eid != NULL && records[i] != NULL; i++)
    {
      Answer answer;
      g_autoptr (GBytes) record = read_of (self, self->eid, records[i], &answer);

      if (record != NULL && get_state (self, get_number (self, records[i])) == STATE_WAITING
          && !g_ptr_array_find_with_equal_func (peers, answer.peer, g_str_equal, NULL))
        g_ptr_array_add (peers, g_strdup (answer.peer));
    }
  g_ptr_array_add (peers, NULL);
  return (GStrv) g_ptr_array_steal (peers, NULL);
}

void
ea_answers_announce (EaAnswers *self)
{
  g_auto (GStrv) peers = ea_answers_list_peers (self);

  if (peers[0] != NULL)
    g_signal_emit (self, signals[SIGNAL_ADDED], 0);
}

static gboolean
has_state (gpointer number, gpointer value, gpointer state)
{
  return value == state;
}

/* What is in @state is to be handed out, or is nothing any more. */
static void
leave_state (EaAnswers *self, State state)
{
  g_hash_table_foreach_remove (self->states, has_state, GINT_TO_POINTER (state));
}

void
ea_answers_set_eid (EaAnswers *self, const char *eid)
{
  char *copy = g_strdup (eid);

  g_free (self->eid);
  self->eid = copy;
  if (eid != NULL)
    ea_answers_take_up (self);
  ea_answers_announce (self);
}

GBytes *
ea_answers_hand_out (EaAnswers *self, const char *peer, guint64 *number)
{
  Answer answer;
  guint64 oldest;
  g_autoptr (GBytes) record = find (self, self->eid, peer, is_waiting, NULL, &answer, &oldest);

  if (record == NULL)
    return NULL;
  set_state (self, oldest, STATE_HANDED_OUT);
  *number = oldest;
  return ea_span_to_bytes (answer.packet);
}

void
ea_answers_take_back (EaAnswers *self)
{
  leave_state (self, STATE_HANDED_OUT);
}

void
ea_answers_put_aside (EaAnswers *self, guint64 number)
{
  set_state (self, number, STATE_PUT_ASIDE);
}

void
ea_answers_take_up (EaAnswers *self)
{
  leave_state (self, STATE_PUT_ASIDE);
}

gboolean
ea_answers_offer_again (EaAnswers *self, const char *peer, EaSpan command)
{
  guint8 digest[DIGEST_SIZE];
  Answer answer;
  guint64 number;
  g_autoptr (GBytes) record = NULL;

  hash (command, digest);
  record = find (self, self->eid, peer, has_digest, digest, &answer, &number);
  if (record == NULL)
    return FALSE;
  set_state (self, number, STATE_WAITING);
  g_signal_emit (self, signals[SIGNAL_ADDED], 0);
  return TRUE;
}

gboolean
ea_answers_remove (EaAnswers *self, guint64 number, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  set_state (self, number, STATE_ACKNOWLEDGED);
  remove_acknowledged (self, change);
  if (!ea_store_commit (self->store, change, error))
    return FALSE;
  leave_state (self, STATE_ACKNOWLEDGED);
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0);
  return TRUE;
}

guint
ea_answers_count (EaAnswers *self)
{
  g_auto (GStrv) records = ea_store_list (self->store, self->prefix);
  guint n_answers = 0;

  for (guint i = 0; records[i] != NULL; i++)
    n_answers += get_state (self, get_number (self, records[i])) != STATE_ACKNOWLEDGED;
  return n_answers;
}

gboolean
ea_answers_has_any (EaAnswers *self, const char *eid, const char *peer)
{
  Answer answer;
  guint64 number;
  g_autoptr (GBytes) record = find (self, eid, peer, is_open, NULL, &answer, &number);

  return record != NULL;
}

gboolean
ea_answers_is_empty (EaAnswers *self, const char *peer)
{
  return self->eid == NULL || !ea_answers_has_any (self, self->eid, peer);
}

static void
ea_answers_finalize (GObject *object)
{
  EaAnswers *self = EA_ANSWERS (object);

  g_clear_pointer (&self->states, g_hash_table_unref);
  g_free (self->prefix);
  g_free (self->eid);
  G_OBJECT_CLASS (ea_answers_parent_class)->finalize (object);
}

static void
ea_answers_class_init (EaAnswersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_answers_finalize;
  signals[SIGNAL_ADDED] = g_signal_new ("added", EA_TYPE_ANSWERS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_REMOVED] = g_signal_new ("removed", EA_TYPE_ANSWERS, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
ea_answers_init (EaAnswers *self)
{
  self->states = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static gboolean
is_readable (EaAnswers *self, const char *name)
{
  g_autoptr (GBytes) record = ea_store_read (self->store, name, NULL);
  g_autofree char *expected = get_record_name (self, get_number (self, name));
  Answer answer;

  return record != NULL && g_str_equal (name, expected)
         && parse_record (&answer, ea_span_from_bytes (record));
}

/* What an earlier run left; the answers to come have numbers after those. */
static void
load (EaAnswers *self)
{
  g_auto (GStrv) records = ea_store_list (self->store, self->prefix);

  for (guint i = 0; records[i] != NULL; i++)
    if (is_readable (self, records[i]))
      self->next_number = get_number (self, records[i]) + 1;
    else
      {
        ea_log_error (self->context, EA_MESSAGE_RESPONSE_LOST,
                      "The record of an answer can't be read, and is dropped");
        (void) ea_store_remove (self->store, records[i], NULL); /* it is dropped another time */
      }
}

EaAnswers *
ea_answers_new (EaStore *store, const char *name, const EaLogContext *context)
{
  EaAnswers *self = g_object_new (EA_TYPE_ANSWERS, NULL);

  self->store = store;
  self->prefix = g_strconcat (PREFIX, name, "-", NULL);
  self->context = context;
  load (self);
  return self;
}
