/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The key ring (agent/session/key-ring.h): what it reads, what it tells, and what a wrong file leaves it with. */

#include <glib/gstdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "session/key-ring.h"

#define EID "89001012012341234012345678901224"
#define OTHER_EID "89033023001211360000000003671234"
#define KEY "C0FFEE00C0FFEE11C0FFEE22C0FFEE33"
#define NEW_KEY "0123456789ABCDEF0123456789ABCDEF"
#define KEYS_FOR_ALL "[* scp80 01]\nKic=" KEY "\nKid=" KEY "\n[" EID " scp81 40]\nPsk=" KEY "\n"

static char *directory;

static int
make_directory (void **state)
{
  directory = g_dir_make_tmp ("euicc-keys-XXXXXX", NULL);
  return directory != NULL ? 0 : -1;
}

static int
remove_directory (void **state)
{
  g_autofree char *path = g_build_filename (directory, "keys", NULL);

  g_remove (path);
  g_rmdir (directory);
  g_clear_pointer (&directory, g_free);
  return 0;
}

static void
write_keys (const char *text)
{
  g_autofree char *path = g_build_filename (directory, "keys", NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
}

static EaKeyRing *
load (void)
{
  g_autoptr (GError) error = NULL;
  EaKeyRing *ring = ea_key_ring_load (directory, &error);

  if (ring == NULL)
    fail_msg ("%s", error->message);
  return ring;
}

static void
assert_list (EaKeyRing *ring, const char *eid, const char *expected)
{
  g_auto (GStrv) list = ea_key_ring_list (ring, eid);
  g_autofree char *text = g_strjoinv (" ", list);

  assert_string_equal (text, expected);
}

static void
assert_kic (EaKeyRing *ring, const char *expected)
{
  const EaKeys *keys = ea_key_ring_get_keys (ring);

  assert_non_null (keys);
  assert_span_is (ea_keys_find_scp80 (keys, EID, 1, 0x000001)->keys.kic, expected);
}

static void
count (EaKeyRing *ring, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_without_a_directory_or_a_file_there_are_no_keys (void **state)
{
  g_autoptr (EaKeyRing) nowhere = ea_key_ring_load (NULL, NULL);
  g_autoptr (EaKeyRing) empty = load ();

  assert_non_null (nowhere);
  assert_null (ea_key_ring_get_keys (nowhere));
  assert_null (ea_key_ring_get_keys (empty));
  assert_list (nowhere, EID, "");
  assert_list (empty, NULL, "");
  assert_true (ea_key_ring_reload (nowhere, NULL, NULL));
}

static void
test_keys_are_listed_for_the_eid_and_for_any (void **state)
{
  g_autoptr (EaKeyRing) ring = NULL;

  write_keys (KEYS_FOR_ALL);
  ring = load ();

  assert_list (ring, EID, "scp80:01:000001 scp81:40:01");
  assert_list (ring, OTHER_EID, "scp80:01:000001");
  assert_list (ring, NULL, "scp80:01:000001");
  assert_kic (ring, KEY);
}

static void
test_mistake_is_told_by_its_line_and_without_a_value (void **state)
{
  g_autofree char *expected
      = g_strdup_printf ("%s/keys: Line 2, section [* scp80 01], key Kic: Value "
                         "is not a whole number of hexadecimal bytes",
                         directory);
  g_autoptr (GError) error = NULL;

  write_keys ("[* scp80 01]\nKic=" KEY "0\n");
  assert_null (ea_key_ring_load (directory, &error));

  assert_string_equal (error->message, expected);
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

/* Of systemd-creds encrypt, which leaves 69 columns */
static void
test_encrypted_credential_is_told_from_a_mistake (void **state)
{
  g_autofree char *expected
      = g_strdup_printf ("%s/keys: It is encrypted: a drop-in of the unit has to have "
                         "LoadCredentialEncrypted=, see KEYS in euicc-agent.conf(5)",
                         directory);
  g_autoptr (GError) error = NULL;

  write_keys ("Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAAC4H6Z5YVRrVlqpbTgAAAAA5RZr+\n"
              "/4mNkgwCe5cI2b8aLzSzt8Ao4uK==\n");
  assert_null (ea_key_ring_load (directory, &error));

  assert_string_equal (error->message, expected);
}

static void
test_what_is_no_file_is_a_mistake (void **state)
{
  g_autofree char *path = g_build_filename (directory, "keys", NULL);
  g_autoptr (GError) error = NULL;

  assert_int_equal (g_mkdir (path, 0700), 0);
  assert_null (ea_key_ring_load (directory, &error));

  assert_true (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_INVAL));
}

static void
test_same_keys_are_known (void **state)
{
  g_autoptr (EaKeyRing) nowhere = ea_key_ring_load (NULL, NULL);
  g_autoptr (EaKeyRing) ring = NULL;
  gboolean is_same = FALSE;

  assert_true (ea_key_ring_reload (nowhere, &is_same, NULL));
  assert_true (is_same);
  write_keys (KEYS_FOR_ALL);
  ring = load ();
  is_same = FALSE;
  assert_true (ea_key_ring_reload (ring, &is_same, NULL));
  assert_true (is_same);
  write_keys (KEYS_FOR_ALL "\n");
  assert_true (ea_key_ring_reload (ring, &is_same, NULL));
  assert_false (is_same);
}

static void
test_new_keys_take_the_place_of_the_old (void **state)
{
  g_autoptr (EaKeyRing) ring = NULL;
  gboolean is_same = TRUE;
  guint n_changes = 0;

  write_keys (KEYS_FOR_ALL);
  ring = load ();
  g_signal_connect (ring, "changed", G_CALLBACK (count), &n_changes);
  write_keys ("[* scp80 01]\nKic=" NEW_KEY "\nKid=" NEW_KEY "\nTars=B00010\n"
              "[* scp80 02]\nKic=" NEW_KEY "\nKid=" NEW_KEY "\n");
  assert_true (ea_key_ring_reload (ring, &is_same, NULL));
  assert_false (is_same);

  assert_int_equal (n_changes, 1);
  assert_list (ring, EID, "scp80:01:B00010 scp80:02:000001");
}

static void
test_mistake_at_reload_leaves_the_old_keys (void **state)
{
  g_autoptr (EaKeyRing) ring = NULL;
  g_autoptr (GError) error = NULL;
  guint n_changes = 0;

  write_keys (KEYS_FOR_ALL);
  ring = load ();
  g_signal_connect (ring, "changed", G_CALLBACK (count), &n_changes);
  write_keys ("[* scp80 01]\nKic=" NEW_KEY "\n");
  assert_false (ea_key_ring_reload (ring, NULL, &error));

  assert_int_equal (n_changes, 0);
  assert_core_error (&error, EA_CORE_ERROR_MISSING);
  assert_list (ring, EID, "scp80:01:000001 scp81:40:01");
  assert_kic (ring, KEY);
}

static void
test_file_that_is_gone_takes_the_keys_with_it (void **state)
{
  g_autofree char *path = g_build_filename (directory, "keys", NULL);
  g_autoptr (EaKeyRing) ring = NULL;

  write_keys (KEYS_FOR_ALL);
  ring = load ();
  g_remove (path);
  assert_true (ea_key_ring_reload (ring, NULL, NULL));

  assert_null (ea_key_ring_get_keys (ring));
  assert_list (ring, EID, "");
}

#define IN_DIRECTORY(name) cmocka_unit_test_setup_teardown (name, make_directory, remove_directory)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_DIRECTORY (test_without_a_directory_or_a_file_there_are_no_keys),
    IN_DIRECTORY (test_keys_are_listed_for_the_eid_and_for_any),
    IN_DIRECTORY (test_mistake_is_told_by_its_line_and_without_a_value),
    IN_DIRECTORY (test_encrypted_credential_is_told_from_a_mistake),
    IN_DIRECTORY (test_what_is_no_file_is_a_mistake),
    IN_DIRECTORY (test_same_keys_are_known),
    IN_DIRECTORY (test_new_keys_take_the_place_of_the_old),
    IN_DIRECTORY (test_mistake_at_reload_leaves_the_old_keys),
    IN_DIRECTORY (test_file_that_is_gone_takes_the_keys_with_it),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
