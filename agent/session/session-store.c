/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The records of one session. */

#include "session/session-store.h"

#include <string.h>

#define PREFIX "session-"
#define HEAD_SUFFIX ".head"
#define NUMBER_DIGITS 10

/* The answers to one script, as far as they are stored */
typedef struct
{
  guint32 exchange;
  guint n_pages;
  gsize size; /* bytes that are stored as they are now */
  gsize last; /* of them, those in front of the last page */
} Pages;

struct _EaSessionStore
{
  EaStore *store;
  char *record;
  char *head;
  Pages answers;
  Pages sent; /* of the exchange before */
};

static char *
get_prefix (const char *name)
{
  return g_strconcat (PREFIX, name, "-", NULL);
}

GStrv
ea_session_store_list (EaStore *store, const char *name)
{
  g_autofree char *prefix = get_prefix (name);
  g_auto (GStrv) all = ea_store_list (store, prefix);
  g_autoptr (GStrvBuilder) orders = g_strv_builder_new ();

  for (guint i = 0; all[i] != NULL; i++)
    if (strchr (all[i], '.') == NULL)
      g_strv_builder_add (orders, all[i]);
  return g_strv_builder_end (orders);
}

EaSessionStore *
ea_session_store_open (EaStore *store, const char *record)
{
  EaSessionStore *self = g_new0 (EaSessionStore, 1);

  self->store = store;
  self->record = g_strdup (record);
  self->head = g_strconcat (record, HEAD_SUFFIX, NULL);
  return self;
}

EaSessionStore *
ea_session_store_new (EaStore *store, const char *name, const EaSessionOrder *order, GError **error)
{
  g_auto (GStrv) there = ea_session_store_list (store, name);
  guint n_there = g_strv_length (there);
  g_autofree char *prefix = get_prefix (name);
  g_autofree char *record = NULL;
  g_autoptr (GBytes) saved = ea_session_order_save (order);
  guint64 number = 0;

  if (n_there >= EA_SESSION_STORE_MAX)
    {
      g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_FULL,
                   "%u sessions wait already: cancel one, or wait", n_there);
      return NULL;
    }
  if (n_there > 0)
    number = g_ascii_strtoull (there[n_there - 1] + strlen (prefix), NULL, 10) + 1;
  record = g_strdup_printf ("%s%0*" G_GUINT64_FORMAT, prefix, NUMBER_DIGITS, number);
  if (!ea_store_write (store, record, saved, error))
    return NULL;
  return ea_session_store_open (store, record);
}

void
ea_session_store_free (EaSessionStore *self)
{
  if (self == NULL)
    return;
  g_free (self->record);
  g_free (self->head);
  g_free (self);
}

EaSessionOrder *
ea_session_store_read_order (EaSessionStore *self, GError **error)
{
  g_autoptr (GBytes) saved = ea_store_read (self->store, self->record, error);

  return saved != NULL ? ea_session_order_restore (saved, error) : NULL;
}

static char *
get_page_prefix (const EaSessionStore *self, guint32 exchange)
{
  return g_strdup_printf ("%s.%0*u.", self->record, NUMBER_DIGITS, exchange);
}

static char *
get_page_name (const EaSessionStore *self, guint32 exchange, guint page)
{
  return g_strdup_printf ("%s.%0*u.%0*u", self->record, NUMBER_DIGITS, exchange, NUMBER_DIGITS,
                          page);
}

/* From page @first on */
static void
remove_pages (const EaSessionStore *self, Pages *pages, guint first, EaStoreChange *change)
{
  for (guint i = first; i < pages->n_pages; i++)
    {
      g_autofree char *name = get_page_name (self, pages->exchange, i);

      ea_store_change_remove (change, name);
    }
  pages->n_pages = MIN (pages->n_pages, first);
}

/* A page is written again until it has its size, and then another one is begun: so each change has one page of them.
 * @bytes are those that are stored, and more. */
static void
write_pages (const EaSessionStore *self, Pages *pages, EaSpan bytes, EaStoreChange *change)
{
  gboolean is_full = pages->size - pages->last >= EA_SESSION_STORE_PAGE_SIZE;
  gsize start = is_full ? pages->size : pages->last;
  guint number = pages->size == 0 ? 0 : pages->n_pages - (is_full ? 0 : 1);
  g_autofree char *name = NULL;
  g_autoptr (GBytes) page = NULL;

  if (bytes.size == pages->size)
    return;
  name = get_page_name (self, pages->exchange, number);
  page = ea_span_to_bytes (ea_span_tail (bytes, start));
  ea_store_change_write (change, name, page);
  remove_pages (self, pages, number + 1, change);
  pages->n_pages = number + 1;
  pages->size = bytes.size;
  pages->last = start;
}

/* The script that @admin is at may be another than when it was saved last. */
static void
follow_exchange (const EaSessionStore *self, guint32 exchange, Pages *answers, Pages *sent,
                 EaStoreChange *change)
{
  if (answers->exchange == exchange)
    return;
  remove_pages (self, sent, 0, change);
  *sent = *answers;
  *answers = (Pages){ .exchange = exchange };
}

gboolean
ea_session_store_save_admin (EaSessionStore *self, const EaAdmin *admin, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GBytes) head = ea_admin_save (admin);
  EaSpan unanswered = ea_admin_get_sent (admin);
  Pages answers = self->answers;
  Pages sent = self->sent;

  ea_store_change_write (change, self->head, head);
  follow_exchange (self, ea_admin_get_exchange (admin), &answers, &sent, change);
  if (unanswered.size > 0)
    write_pages (self, &sent, unanswered, change);
  else
    remove_pages (self, &sent, 0, change);
  write_pages (self, &answers, ea_admin_get_answers (admin), change);
  if (!ea_store_commit (self->store, change, error))
    return FALSE;
  self->answers = answers;
  self->sent = sent;
  return TRUE;
}

/* (transfer full) (nullable): all pages of @exchange, in their order */
static GByteArray *
read_pages (EaSessionStore *self, guint32 exchange, Pages *pages, GError **error)
{
  g_autofree char *prefix = get_page_prefix (self, exchange);
  g_auto (GStrv) names = ea_store_list (self->store, prefix);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = get_page_name (self, exchange, i);
      g_autoptr (GBytes) page = ea_store_read (self->store, name, error);

      if (page == NULL)
        return NULL;
      g_byte_array_append (bytes, g_bytes_get_data (page, NULL), (guint) g_bytes_get_size (page));
    }
  *pages = (Pages){ .exchange = exchange, .n_pages = g_strv_length (names) };
  return g_steal_pointer (&bytes);
}

static EaAdmin *
restore (EaSessionStore *self, const EaAdminOptions *options, EaSpan head, GError **error)
{
  g_autoptr (GByteArray) answers = NULL;
  g_autoptr (GByteArray) sent = NULL;
  guint32 exchange;
  gboolean has_sent;

  if (!ea_admin_read_exchange (head, &exchange, &has_sent, error))
    return NULL;
  answers = read_pages (self, exchange, &self->answers, error);
  if (answers == NULL)
    return NULL;
  if (exchange > 0)
    sent = read_pages (self, exchange - 1, &self->sent, error);
  if (exchange > 0 && sent == NULL)
    return NULL;
  return ea_admin_restore (options, head,
                           has_sent && sent != NULL ? ea_span_from_array (sent) : EA_SPAN_EMPTY,
                           ea_span_from_array (answers), error);
}

/* What is wrong with a record is no fault of the SM-SR. */
static EaAdmin *
restore_or_blame (EaSessionStore *self, const EaAdminOptions *options, EaSpan head, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  EaAdmin *admin = restore (self, options, head, &local_error);

  if (admin != NULL)
    return admin;
  g_set_error (error, EA_STORE_ERROR,
               local_error->domain == EA_STORE_ERROR ? local_error->code : EA_STORE_ERROR_DAMAGED,
               "What was stored of the session can't be read: %s", local_error->message);
  return NULL;
}

EaAdmin *
ea_session_store_load_admin (EaSessionStore *self, const EaAdminOptions *options, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) head = ea_store_read (self->store, self->head, &local_error);

  if (head != NULL)
    return restore_or_blame (self, options, ea_span_from_bytes (head), error);
  if (g_error_matches (local_error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND))
    return ea_admin_new (options);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

gboolean
ea_session_store_remove (EaSessionStore *self, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autofree char *prefix = g_strconcat (self->record, ".", NULL);
  g_auto (GStrv) names = ea_store_list (self->store, prefix);

  for (guint i = 0; names[i] != NULL; i++)
    ea_store_change_remove (change, names[i]);
  ea_store_change_remove (change, self->record);
  return ea_store_discard (self->store, change, error);
}
