/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The key file (agent/core/keys.h): what it may say, what its errors tell, and what they never tell. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/keys.h"
#include "helpers.h"

#define EID "89001012012341234012345678901224"
#define OTHER_EID "89033023001211360000000003671234"
#define KEY_16 "0123456789abcdef0123456789ABCDEF"
#define KEY_8 "0123456789ABCDEF"
#define SECRET "5EC2E75EC2E75EC2E75EC2E75EC2E75E"

/* What keys lie in, until the last test is over */
static GPtrArray *texts;

static int
make_texts (void **state)
{
  texts = g_ptr_array_new_with_free_func (g_free);
  return 0;
}

static int
free_texts (void **state)
{
  g_clear_pointer (&texts, g_ptr_array_unref);
  return 0;
}

static guint8 *
copy_text (const char *text)
{
  guint8 *copy = g_memdup2 (text, strlen (text));

  g_ptr_array_add (texts, copy);
  return copy;
}

static EaKeys *
parse (const char *text, GError **error)
{
  return ea_keys_parse (copy_text (text), strlen (text), error);
}

static EaKeys *
parse_good (const char *text)
{
  g_autoptr (GError) error = NULL;
  EaKeys *keys = parse (text, &error);

  if (keys == NULL)
    fail_msg ("%s", error->message);
  return keys;
}

/* The message is @message exactly. */
static void
expect_error (const char *text, EaCoreError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  assert_null (parse (text, &error));
  assert_non_null (error);
  assert_string_equal (error->message, message);
  assert_core_error (&error, code);
}

static void
test_all_keys_of_an_scp80_section_are_read (void **state)
{
  g_autoptr (EaKeys) keys = parse_good ("# keys of one device\n"
                                        "[" EID " scp80 0A]\r\n"
                                        "Algorithm=3des\r\n"
                                        "\n"
                                        "  Kic = " KEY_16 "\t\r\n"
                                        "Kid=" KEY_16 KEY_8 "\n"
                                        "Tars=000001; b00010;\n"
                                        "Applications=b00010=A000000087; B00011 = "
                                        "A0000000871002FF49FFFF89010B0000\n");
  const EaKeysScp80 *set = ea_keys_get_scp80 (keys, 0);

  assert_int_equal (ea_keys_get_n_scp80 (keys), 1);
  assert_int_equal (ea_keys_get_n_scp81 (keys), 0);
  assert_string_equal (set->eid, EID);
  assert_int_equal (set->version, 10);
  assert_int_equal (set->keys.algorithm, EA_SCP80_ALGORITHM_3DES);
  assert_span_is (set->keys.kic, KEY_16);
  assert_span_is (set->keys.kid, KEY_16 KEY_8);
  assert_int_equal (set->n_tars, 2);
  assert_int_equal (set->tars[0], 0x000001);
  assert_int_equal (set->tars[1], 0xB00010);
  assert_int_equal (set->n_applications, 2);
  assert_span_is (ea_keys_find_application (set, 0xB00010)->aid, "A000000087");
  assert_span_is (ea_keys_find_application (set, 0xB00011)->aid,
                  "A0000000871002FF49FFFF89010B0000");
  assert_null (ea_keys_find_application (set, 0x000001));
}

static void
test_scp80_section_is_for_aes_and_the_isd_r_by_default (void **state)
{
  g_autoptr (EaKeys) keys = parse_good ("[* scp80 1]\nKic=" KEY_16 "\nKid=" KEY_16);
  const EaKeysScp80 *set = ea_keys_get_scp80 (keys, 0);

  assert_null (set->eid);
  assert_int_equal (set->version, 1);
  assert_int_equal (set->keys.algorithm, EA_SCP80_ALGORITHM_AES);
  assert_int_equal (set->n_tars, 1);
  assert_int_equal (set->tars[0], 0x000001);
  assert_int_equal (set->n_applications, 0);
}

static void
test_scp81_section_has_identity_as_hex_or_text_or_none (void **state)
{
  g_autoptr (EaKeys) keys
      = parse_good ("[* scp81 40]\nPsk=" KEY_16 "\nKeyIdentifier=2\nIdentity=8001\n"
                    "[* scp81 41]\nPsk=" KEY_16 "\nIdentity=a device, No. 7\n"
                    "[" EID " scp81 4F]\nPsk=" KEY_16 KEY_16 KEY_16 KEY_16 "\n");

  assert_int_equal (ea_keys_get_n_scp81 (keys), 3);
  assert_int_equal (ea_keys_get_scp81 (keys, 0)->version, 0x40);
  assert_int_equal (ea_keys_get_scp81 (keys, 0)->key_identifier, 2);
  assert_span_is (ea_keys_get_scp81 (keys, 0)->psk, KEY_16);
  assert_span_is (ea_keys_get_scp81 (keys, 0)->identity, "8001");
  assert_int_equal (ea_keys_get_scp81 (keys, 1)->key_identifier, 1);
  assert_span_is (ea_keys_get_scp81 (keys, 1)->identity, "61206465766963652C204E6F2E2037");
  assert_string_equal (ea_keys_get_scp81 (keys, 2)->eid, EID);
  assert_int_equal (ea_keys_get_scp81 (keys, 2)->psk.size, 64);
  assert_int_equal (ea_keys_get_scp81 (keys, 2)->identity.size, 0);
}

static void
test_a_file_may_have_no_keys (void **state)
{
  g_autoptr (EaKeys) nothing = parse_good ("");
  g_autoptr (EaKeys) comments = parse_good ("\n# nothing yet\n   \n");

  assert_int_equal (ea_keys_get_n_scp80 (nothing), 0);
  assert_int_equal (ea_keys_get_n_scp81 (comments), 0);
}

#define BAD_SECTION                                                                                \
  "Section is not [EID-or-* scp80 KVN] with KVN 00 to 0F or [EID-or-* scp81 KVN] with KVN 40 to "  \
  "4F"

static void
test_sections_that_are_not_known_are_errors (void **state)
{
  static const char *const names[]
      = { "* scp80",     "* scp80 10",   "* scp80 001",   "* scp80 0G",    "scp80 01",
          "* scp82 01",  "* scp81 3F",   "* scp81 50",    "* SCP80 01",    "",
          "*  scp80 01", "* scp80 01 x", "8900 scp80 01", EID "0 scp80 1", "* scp80 " };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *text = g_strdup_printf ("\n[%s]\n", names[i]);

      expect_error (text, EA_CORE_ERROR_MALFORMED, "Line 2: " BAD_SECTION);
    }
  expect_error ("[* scp80 01\n", EA_CORE_ERROR_MALFORMED, "Line 1: Section does not end with ]");
  expect_error ("[* scp80 01] x\n", EA_CORE_ERROR_MALFORMED, "Line 1: Section does not end with ]");
}

static void
test_what_comes_twice_is_an_error (void **state)
{
  expect_error ("[* scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16 "\n[* scp80 1]\n",
                EA_CORE_ERROR_MALFORMED, "Line 4: Section [* scp80 1] comes twice");
  expect_error ("[* scp81 40]\nPsk=" KEY_16 "\nPsk=" KEY_16 "\n", EA_CORE_ERROR_MALFORMED,
                "Line 3, section [* scp81 40], key Psk: Key comes twice");
  expect_error ("[* scp80 01]\nApplications=000002=A000000001;000002=A000000002",
                EA_CORE_ERROR_MALFORMED,
                "Line 2, section [* scp80 01], key Applications: Target 000002 comes twice");
}

static void
test_lines_that_are_nothing_are_errors (void **state)
{
  expect_error ("Kic=" KEY_16, EA_CORE_ERROR_MALFORMED, "Line 1: Key before the first section");
  expect_error ("[* scp80 01]\n" SECRET, EA_CORE_ERROR_MALFORMED,
                "Line 2, section [* scp80 01]: Neither a section, a key with = nor a comment");
  expect_error ("[* scp80 01]\nKIC=00", EA_CORE_ERROR_MALFORMED,
                "Line 2, section [* scp80 01]: Key 'KIC' is not known");
  expect_error ("[* scp80 01]\nPsk=" KEY_16, EA_CORE_ERROR_MALFORMED,
                "Line 2, section [* scp80 01]: Key 'Psk' is not known");
  expect_error ("[* scp81 40]\naLGORITHM=aes", EA_CORE_ERROR_MALFORMED,
                "Line 2, section [* scp81 40]: Key 'aLGORITHM' is not known");
  expect_error ("[* scp80 01]\n\xff=1", EA_CORE_ERROR_MALFORMED, "Key file is not UTF-8 text");
}

static void
test_missing_keys_are_errors (void **state)
{
  expect_error ("[* scp80 01]\nKic=" KEY_16 "\n[* scp80 02]", EA_CORE_ERROR_MISSING,
                "Line 3, section [* scp80 01]: Kid is missing above");
  expect_error ("[* scp80 01]\nKid=" KEY_16, EA_CORE_ERROR_MISSING,
                "Line 2, section [* scp80 01]: Kic is missing above");
  expect_error ("[* scp81 40]\nIdentity=x", EA_CORE_ERROR_MISSING,
                "Line 2, section [* scp81 40]: Psk is missing above");
}

static void
test_keys_have_the_sizes_of_their_algorithm (void **state)
{
  static const struct
  {
    const char *algorithm;
    guint64 sizes;
  } rows[] = {
    { "aes", 1ull << 16 | 1ull << 24 | 1ull << 32 },
    { "3des", 1ull << 8 | 1ull << 16 | 1ull << 24 },
    { "des", 1ull << 8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint size = 1; size <= 40; size++)
      {
        g_autofree char *text
            = g_strdup_printf ("[* scp80 01]\nKic=%0*d\nKid=%0*d\nAlgorithm=%s\n", 2 * (int) size,
                               0, 2 * (int) size, 0, rows[i].algorithm);
        g_autoptr (GError) error = NULL;
        g_autoptr (EaKeys) keys = parse (text, &error);

        assert_int_equal (keys != NULL, rows[i].sizes >> size & 1);
        if (keys == NULL)
          assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
      }
  expect_error ("[* scp80 01]\nKic=" KEY_8 "\nKid=" KEY_16, EA_CORE_ERROR_MALFORMED,
                "Line 3, section [* scp80 01], key Kic: 8 bytes do not suit aes");
}

static void
test_pre_shared_keys_have_16_to_64_bytes (void **state)
{
  for (guint size = 1; size <= 70; size++)
    {
      g_autofree char *text = g_strdup_printf ("[* scp81 40]\nPsk=%0*d\n", 2 * (int) size, 0);
      g_autoptr (EaKeys) keys = parse (text, NULL);

      assert_int_equal (keys != NULL, size >= 16 && size <= 64);
    }
}

static void
test_values_of_another_form_are_errors (void **state)
{
  static const char *const lines[] = {
    "Kic=012",
    ("Kic=" KEY_16 "0"),
    "Kic=xx",
    "Kic=",
    "Algorithm=AES",
    "Algorithm=",
    "Tars=",
    "Tars=1",
    "Tars=00000G",
    "Tars=000001;;",
    "Tars=;000001",
    "Applications=000001",
    "Applications=1=2",
    "Applications=000002=A0000000",
    "Applications=000002=A0000000010203040506070809101112131",
    "Applications=000002=A000000001020304050607080910111213",
  };
  static const char *const scp81_lines[] = {
    "KeyIdentifier=", "KeyIdentifier=100", "KeyIdentifier=g",
    "Identity=",      "Identity=a\\sb",    ("Psk=" KEY_8),
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines) + G_N_ELEMENTS (scp81_lines); i++)
    {
      gboolean is_scp80 = i < G_N_ELEMENTS (lines);
      g_autofree char *text
          = g_strdup_printf ("[* %s]\n%s\n", is_scp80 ? "scp80 01" : "scp81 40",
                             is_scp80 ? lines[i] : scp81_lines[i - G_N_ELEMENTS (lines)]);
      g_autoptr (GError) error = NULL;

      if (parse (text, &error) != NULL)
        fail_msg ("read: %s", text);
      assert_true (g_str_has_prefix (error->message, "Line 2, section [* scp8"));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
    }
}

static void
test_lists_and_files_have_limits (void **state)
{
  g_autoptr (GString) text = g_string_new ("[* scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16 "\nTars=");
  g_autoptr (GString) sections = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < EA_KEYS_TARS_MAX; i++)
    g_string_append_printf (text, "%06X;", i);
  ea_keys_free (parse_good (text->str));
  g_string_append (text, "100000");
  assert_null (parse (text->str, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);

  for (guint i = 0; i < EA_KEYS_SECTIONS_MAX; i++)
    g_string_append_printf (sections, "[%032u scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16 "\n", i);
  ea_keys_free (parse_good (sections->str));
  g_string_append (sections, "[* scp81 40]");
  assert_null (parse (sections->str, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_errors_tell_no_value (void **state)
{
  static const char *const lines[] = {
    "Kic=" SECRET "0",
    "Kic=" SECRET "x",
    SECRET "=1",
    SECRET,
    "Algorithm=" SECRET,
    "Tars=" SECRET,
    ("Applications=" SECRET "=" SECRET),
    ("Kid=" SECRET SECRET SECRET),
    "Kic " SECRET,
    ("Kic=" SECRET "\nKic=" SECRET),
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *text = g_strconcat ("[* scp80 01]\n", lines[i], NULL);
      g_autoptr (GError) error = NULL;

      assert_null (parse (text, &error));
      assert_null (strstr (error->message, "5EC2E7"));
    }
}

/* 7, 8 and 15 characters: short enough to pass for a name, and a known name with something more or less */
static void
test_errors_repeat_no_name_that_is_none (void **state)
{
  static const char *const names[]
      = { "hunter2", "5EC2E75E", "correct-horse15", "Kicc", "Ki", "K", "Kic Kid", "" };
  static const char *const sections[] = { "* scp80 01", "* scp81 40" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sections); j++)
      {
        g_autofree char *text = g_strdup_printf ("[%s]\n%s=1\n", sections[j], names[i]);
        g_autofree char *message
            = g_strdup_printf ("Line 2, section [%s]: Unknown key", sections[j]);

        expect_error (text, EA_CORE_ERROR_MALFORMED, message);
      }
}

static void
test_key_set_for_the_eid_goes_before_the_one_for_any (void **state)
{
  g_autoptr (EaKeys) keys
      = parse_good ("[" EID " scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16 "\n"
                    "[* scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16 "\nTars=000001;000002\n"
                    "[* scp80 02]\nKic=" KEY_16 "\nKid=" KEY_16 "\n");
  const EaKeysScp80 *own = ea_keys_get_scp80 (keys, 0);
  const EaKeysScp80 *any = ea_keys_get_scp80 (keys, 1);

  assert_ptr_equal (ea_keys_find_scp80 (keys, EID, 1, 0x000001), own);
  assert_ptr_equal (ea_keys_find_scp80 (keys, OTHER_EID, 1, 0x000001), any);
  assert_ptr_equal (ea_keys_find_scp80 (keys, NULL, 1, 0x000001), any);
  assert_ptr_equal (ea_keys_find_scp80 (keys, EID, 1, 0x000002), any);
  assert_null (ea_keys_find_scp80 (keys, EID, 1, 0x000003));
  assert_null (ea_keys_find_scp80 (keys, EID, 3, 0x000001));
}

static void
test_psk_for_the_eid_and_of_the_lowest_version_is_found (void **state)
{
  g_autoptr (EaKeys) keys = parse_good ("[* scp81 40]\nPsk=" KEY_16 "\n"
                                        "[" EID " scp81 42]\nPsk=" KEY_16 "\n"
                                        "[" EID " scp81 41]\nPsk=" KEY_16 "\n");

  assert_int_equal (ea_keys_find_scp81 (keys, EID)->version, 0x41);
  assert_int_equal (ea_keys_find_scp81 (keys, OTHER_EID)->version, 0x40);
  assert_int_equal (ea_keys_find_scp81 (keys, NULL)->version, 0x40);
}

static void
assert_identifiers (const EaKeys *keys, const char *eid, const char *expected)
{
  g_auto (GStrv) identifiers = ea_keys_list_identifiers (keys, eid);
  g_autofree char *text = g_strjoinv (" ", identifiers);

  assert_string_equal (text, expected);
}

static void
test_psk_of_a_version_and_identifier_is_found (void **state)
{
  g_autoptr (EaKeys) keys = parse_good ("[* scp81 40]\nPsk=" KEY_16 "\nKeyIdentifier=2\n"
                                        "[* scp81 41]\nPsk=" KEY_16 "\n"
                                        "[" EID " scp81 41]\nPsk=" KEY_16 "\n");

  assert_ptr_equal (ea_keys_find_scp81_version (keys, EID, 0x40, 2), ea_keys_get_scp81 (keys, 0));
  assert_ptr_equal (ea_keys_find_scp81_version (keys, EID, 0x41, 1), ea_keys_get_scp81 (keys, 2));
  assert_ptr_equal (ea_keys_find_scp81_version (keys, OTHER_EID, 0x41, 1),
                    ea_keys_get_scp81 (keys, 1));
  assert_null (ea_keys_find_scp81_version (keys, EID, 0x40, 1));
  assert_null (ea_keys_find_scp81_version (keys, EID, 0x42, 1));
  assert_null (ea_keys_find_scp81_version (NULL, EID, 0x40, 2));
}

static void
test_identifiers_name_versions_targets_and_keys (void **state)
{
  g_autoptr (EaKeys) keys
      = parse_good ("[" EID " scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16 "\n"
                    "[* scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16 "\nTars=000001;B00010\n"
                    "[" OTHER_EID " scp80 02]\nKic=" KEY_16 "\nKid=" KEY_16 "\n"
                    "[* scp81 40]\nPsk=" KEY_16 "\n");

  assert_identifiers (keys, EID, "scp80:01:000001 scp80:01:B00010 scp81:40:01");
  assert_identifiers (keys, OTHER_EID,
                      "scp80:01:000001 scp80:01:B00010 scp80:02:000001 scp81:40:01");
  assert_identifiers (keys, NULL, "scp80:01:000001 scp80:01:B00010 scp80:02:000001 scp81:40:01");
}

static void
test_without_keys_none_is_found (void **state)
{
  assert_int_equal (ea_keys_get_n_scp80 (NULL), 0);
  assert_int_equal (ea_keys_get_n_scp81 (NULL), 0);
  assert_null (ea_keys_find_scp80 (NULL, EID, 1, 0x000001));
  assert_null (ea_keys_find_scp81 (NULL, EID));
  assert_identifiers (NULL, EID, "");
}

static void
expect_no_crash (EaSpan span, gpointer user_data)
{
  g_autofree guint8 *text = g_memdup2 (span.data, span.size);
  g_autoptr (GError) error = NULL;
  g_autoptr (EaKeys) keys = ea_keys_parse (text, span.size, &error);

  assert_int_equal (keys == NULL, error != NULL);
}

static void
test_a_file_that_ends_anywhere_is_read_or_refused (void **state)
{
  static const char text[]
      = "[* scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16
        "\nApplications=000002=A000000001\n[* scp81 40]\nPsk=" KEY_16 "\nIdentity=x\n";

  parse_truncations (ea_span_init (text, strlen (text)), expect_no_crash, NULL);
  parse_exact (ea_span_init (text, strlen (text)), expect_no_crash, NULL);
}

static void
assert_wiped (const guint8 *text, gsize from, gsize to)
{
  for (gsize i = from; i < to; i++)
    if (text[i] != 0)
      fail_msg ("octet %02X is left at %zu", text[i], i);
}

/* Keys, an AID and an identity, each where its value began, and nothing else. */
static void
test_text_keeps_what_is_borrowed_and_nothing_else (void **state)
{
  static const struct
  {
    const char *value;
    const char *bytes;
    gsize size;
  } kept[] = {
    { "0123456789ab", "\x01\x23\x45\x67\x89\xAB\xCD\xEF\xFE\xDC\xBA\x98\x76\x54\x32\x10", 16 },
    { "00112233", "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF", 16 },
    { "A000000087", "\xA0\x00\x00\x00\x87", 5 },
    { "A0000000871002", "\xA0\x00\x00\x00\x87\x10\x02", 7 },
    { "F0E1D2", "\xF0\xE1\xD2\xC3\xB4\xA5\x96\x87\x78\x69\x5A\x4B\x3C\x2D\x1E\x0F", 16 },
    { "a device, No. 7", "a device, No. 7", 15 },
  };
  static const char text[]
      = "# keys\n[* scp80 01]\r\n  Kic = 0123456789abcdefFEDCBA9876543210\t\r\n"
        "Kid=00112233445566778899AABBCCDDEEFF\nTars=000001;B00010\n"
        "Applications=b00010=A000000087; B00011 = A0000000871002;\n"
        "[* scp81 40]\nPsk=F0E1D2C3B4A5968778695A4B3C2D1E0F\n# more\n"
        "Identity= a device, No. 7 \n# end";
  guint8 *copy = copy_text (text);
  g_autoptr (EaKeys) keys = ea_keys_parse (copy, strlen (text), NULL);
  gsize end = 0;

  assert_non_null (keys);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      gsize start = (gsize) (strstr (text + end, kept[i].value) - text);

      assert_wiped (copy, end, start);
      assert_memory_equal (copy + start, kept[i].bytes, kept[i].size);
      end = start + kept[i].size;
    }
  assert_wiped (copy, end, strlen (text));
}

static void
test_keys_lie_in_the_text (void **state)
{
  static const char text[]
      = "[* scp80 01]\nKic=" KEY_16 "\nKid=" KEY_16 "\nApplications=000002=A000000001\n"
        "[* scp81 40]\nPsk=" KEY_16 "\nIdentity=x\n";
  guint8 *copy = copy_text (text);
  EaSpan all = ea_span_init (copy, strlen (text));
  g_autoptr (EaKeys) keys = ea_keys_parse (copy, strlen (text), NULL);

  assert_span_inside (ea_keys_get_scp80 (keys, 0)->keys.kic, all);
  assert_span_inside (ea_keys_get_scp80 (keys, 0)->keys.kid, all);
  assert_span_inside (ea_keys_get_scp80 (keys, 0)->applications[0].aid, all);
  assert_span_inside (ea_keys_get_scp81 (keys, 0)->psk, all);
  assert_span_inside (ea_keys_get_scp81 (keys, 0)->identity, all);
}

static void
test_text_with_a_mistake_is_wiped (void **state)
{
  static const char *const endings[]
      = { "[* scp80 01]", "Kic=" SECRET, SECRET, "[" SECRET "]", "\xff", "[* scp81 40]" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("# x\n[* scp80 01]\nKic=%s\nKid=%s\n%s", KEY_16, KEY_16, endings[i]);
      guint8 *copy = copy_text (text);

      assert_null (ea_keys_parse (copy, strlen (text), NULL));
      assert_wiped (copy, 0, strlen (text));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_all_keys_of_an_scp80_section_are_read),
    cmocka_unit_test (test_scp80_section_is_for_aes_and_the_isd_r_by_default),
    cmocka_unit_test (test_scp81_section_has_identity_as_hex_or_text_or_none),
    cmocka_unit_test (test_a_file_may_have_no_keys),
    cmocka_unit_test (test_sections_that_are_not_known_are_errors),
    cmocka_unit_test (test_what_comes_twice_is_an_error),
    cmocka_unit_test (test_lines_that_are_nothing_are_errors),
    cmocka_unit_test (test_missing_keys_are_errors),
    cmocka_unit_test (test_keys_have_the_sizes_of_their_algorithm),
    cmocka_unit_test (test_pre_shared_keys_have_16_to_64_bytes),
    cmocka_unit_test (test_values_of_another_form_are_errors),
    cmocka_unit_test (test_lists_and_files_have_limits),
    cmocka_unit_test (test_errors_tell_no_value),
    cmocka_unit_test (test_errors_repeat_no_name_that_is_none),
    cmocka_unit_test (test_key_set_for_the_eid_goes_before_the_one_for_any),
    cmocka_unit_test (test_psk_for_the_eid_and_of_the_lowest_version_is_found),
    cmocka_unit_test (test_psk_of_a_version_and_identifier_is_found),
    cmocka_unit_test (test_identifiers_name_versions_targets_and_keys),
    cmocka_unit_test (test_without_keys_none_is_found),
    cmocka_unit_test (test_a_file_that_ends_anywhere_is_read_or_refused),
    cmocka_unit_test (test_text_keeps_what_is_borrowed_and_nothing_else),
    cmocka_unit_test (test_keys_lie_in_the_text),
    cmocka_unit_test (test_text_with_a_mistake_is_wiped),
  };

  return cmocka_run_group_tests (tests, make_texts, free_texts);
}
