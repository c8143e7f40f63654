/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fake-store.h"

#include "host/store-change.h"
#include "host/store.h"

gboolean __real_ea_store_commit (EaStore *store, EaStoreChange *change, GError **error);
gboolean __wrap_ea_store_commit (EaStore *store, EaStoreChange *change, GError **error);
gboolean __wrap_ea_store_write (EaStore *store, const char *name, GBytes *record, GError **error);
gboolean __wrap_ea_store_remove (EaStore *store, const char *name, GError **error);
gboolean __wrap_ea_store_discard (EaStore *store, EaStoreChange *change, GError **error);
gboolean __wrap_ea_store_settle (EaStore *store, GError **error);

typedef struct
{
  guint number;
  void (*function) (gpointer user_data);
  gpointer user_data;
} Hook;

static guint n_changes;
static guint n_failing;
static Hook hook;
static EaStoreChange *owed; /* removals that have failed */

void
fake_store_reset (void)
{
  n_changes = 0;
  n_failing = 0;
  hook = (Hook){ 0 };
  g_clear_pointer (&owed, ea_store_change_free);
}

guint
fake_store_count (void)
{
  return n_changes;
}

void
fake_store_fail (guint n)
{
  n_failing = n;
}

void
fake_store_set_hook (guint number, void (*function) (gpointer user_data), gpointer user_data)
{
  hook = (Hook){ number, function, user_data };
}

gboolean
__wrap_ea_store_commit (EaStore *store, EaStoreChange *change, GError **error)
{
  if (++n_changes == hook.number)
    hook.function (hook.user_data);
  if (n_failing == 0)
    return __real_ea_store_commit (store, change, error);
  if (n_failing != G_MAXUINT)
    n_failing--;
  g_set_error_literal (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL, "No space left on device");
  return FALSE;
}

gboolean
__wrap_ea_store_write (EaStore *store, const char *name, GBytes *record, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  ea_store_change_write (change, name, record);
  return __wrap_ea_store_commit (store, change, error);
}

gboolean
__wrap_ea_store_remove (EaStore *store, const char *name, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  ea_store_change_remove (change, name);
  return __wrap_ea_store_commit (store, change, error);
}

gboolean
__wrap_ea_store_discard (EaStore *store, EaStoreChange *change, GError **error)
{
  if (__wrap_ea_store_commit (store, change, error))
    return TRUE;
  if (owed == NULL)
    owed = ea_store_change_new ();
  ea_store_change_merge (owed, change);
  return FALSE;
}

gboolean
__wrap_ea_store_settle (EaStore *store, GError **error)
{
  if (owed != NULL && !__wrap_ea_store_commit (store, owed, error))
    return FALSE;
  g_clear_pointer (&owed, ea_store_change_free);
  return TRUE;
}
