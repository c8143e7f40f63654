/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TERMINAL PROFILE (agent/core/cat-profile.h): bits by name, numbers, and the profile of this terminal. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/cat-profile.h"
#include "helpers.h"

/* Decoded field by field by an independent decoder (tests/independent). */
#define AGENT_PROFILE_HEX "3301E842111C00078000001FE2600000434000000000000050"

static EaCatProfile
parse (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  EaCatProfile profile;

  assert_true (ea_cat_parse_profile (&profile, ea_span_from_bytes (bytes), &error));
  assert_null (error);
  return profile;
}

/* By byte and bit: those of a terminal without display and keypad that relays SMS-PP download and BIP over
 * packet data with TCP and UDP (class e), keeps timers and reports the network's events. */
static const EaCatFacility agent_facilities[]
    = { 11, 12, 15, 16,  21,  34,  36,  37,  38,  42,  47,  51,  55,  63,  64,  65,  81,
        82, 83, 98, 121, 122, 123, 124, 125, 132, 146, 147, 171, 172, 177, 187, 255, 257 };

static GBytes *
build_agent_profile (guint8 n_channels)
{
  const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS] = { [EA_CAT_PROFILE_CHANNELS] = n_channels };

  return ea_cat_build_profile (agent_facilities, G_N_ELEMENTS (agent_facilities), numbers);
}

static void
test_profile_of_a_headless_terminal_of_class_e_is_built_byte_for_byte (void **state)
{
  g_autoptr (GBytes) built = build_agent_profile (EA_CAT_CHANNELS_MAX);

  assert_bytes_are (built, AGENT_PROFILE_HEX);
}

static void
test_agent_is_a_headless_terminal_with_server_mode_and_timing_advance (void **state)
{
  g_autoptr (GBytes) profile = ea_cat_build_agent_profile ();

  /* As AGENT_PROFILE_HEX, and byte 9 bit 5, byte 17 bit 3, byte 22 bit 1, byte 33 bits 1 and 2 */
  assert_bytes_are (profile, "3301E842111C00079000001FE2600000474000000001000050"
                             "0000000000000003");
}

static void
test_bip_needs_its_commands_events_a_bearer_and_both_transports (void **state)
{
  g_autoptr (GBytes) needed = ea_cat_build_bip_profile ();

  assert_bytes_are (needed, "01000000010C00000000001F0200000003");
}

static void
test_number_of_channels_is_in_the_upper_bits_of_byte_13 (void **state)
{
  g_autoptr (GBytes) none = build_agent_profile (0);
  g_autoptr (GBytes) one = build_agent_profile (1);

  assert_bytes_are (none, "3301E842111C00078000001F02600000434000000000000050");
  assert_bytes_are (one, "3301E842111C00078000001F22600000434000000000000050");
}

static void
test_what_is_no_byte_and_bit_is_no_facility (void **state)
{
  static const EaCatFacility wrong[] = { 0, 1, 8, 9, 10, 19, 20, 29, 2550 };
  static const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS];
  g_autofree guint8 *ones = g_malloc (EA_CAT_PROFILE_MAX);
  g_autoptr (GBytes) built = ea_cat_build_profile (wrong, G_N_ELEMENTS (wrong), numbers);
  EaCatProfile profile;

  memset (ones, 0xFF, EA_CAT_PROFILE_MAX);
  assert_true (ea_cat_parse_profile (&profile, ea_span_init (ones, EA_CAT_PROFILE_MAX), NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      assert_false (ea_cat_profile_has_facility (&profile, wrong[i]));
      assert_null (ea_cat_get_facility_name (wrong[i]));
    }
  assert_bytes_are (built, "00");
}

static void
test_facilities_are_listed_by_byte_and_bit (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (AGENT_PROFILE_HEX);
  EaCatProfile profile = parse (bytes);
  EaCatFacility facility = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (agent_facilities); i++)
    {
      facility = ea_cat_profile_next_facility (&profile, facility);
      assert_int_equal (facility, agent_facilities[i]);
      assert_true (ea_cat_profile_has_facility (&profile, facility));
    }
  assert_int_equal (ea_cat_profile_next_facility (&profile, facility), 0);
  assert_false (ea_cat_profile_has_facility (&profile, EA_CAT_FACILITY (1, 3)));
}

static void
test_facility_beyond_the_end_is_not_supported (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("FF");
  EaCatProfile profile = parse (bytes);

  assert_true (ea_cat_profile_has_facility (&profile, EA_CAT_FACILITY (1, 8)));
  assert_false (ea_cat_profile_has_facility (&profile, EA_CAT_FACILITY (2, 1)));
  assert_false (ea_cat_profile_has_facility (&profile, EA_CAT_FACILITY (255, 8)));
  assert_int_equal (ea_cat_profile_next_facility (&profile, EA_CAT_FACILITY (1, 8)), 0);
}

/* TS 102 223 §5.2: byte and value of each number where all other bits are set as well */
static void
test_numbers_are_read_from_their_bits (void **state)
{
  static const struct
  {
    EaCatProfileNumber number;
    guint byte;
    const char *octet;
    guint8 value;
    guint n_facilities; /* bits of the octet that are no number */
  } cases[] = {
    { EA_CAT_PROFILE_SOFT_KEYS, 11, "FE", 254, 0 },
    { EA_CAT_PROFILE_CHANNELS, 13, "E2", 7, 1 },
    { EA_CAT_PROFILE_CHANNELS, 13, "3F", 1, 5 },
    { EA_CAT_PROFILE_DISPLAY_HEIGHT, 14, "FF", 31, 3 },
    { EA_CAT_PROFILE_DISPLAY_HEIGHT, 14, "E1", 1, 3 },
    { EA_CAT_PROFILE_DISPLAY_WIDTH, 15, "FF", 127, 1 },
    { EA_CAT_PROFILE_MENU_WIDTH_REDUCTION, 16, "A0", 5, 0 },
    { EA_CAT_PROFILE_TIA_EIA_VERSION, 19, "F3", 3, 4 },
    { EA_CAT_PROFILE_CCAT, 20, "81", 0x81, 0 },
    { EA_CAT_PROFILE_FRAMES, 24, "0F", 15, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *zeroes = g_strnfill (2 * (cases[i].byte - 1), '0');
      g_autofree char *hex = g_strconcat (zeroes, cases[i].octet, NULL);
      g_autoptr (GBytes) bytes = bytes_of (hex);
      EaCatProfile profile = parse (bytes);
      EaCatFacility facility = 0;
      guint n_facilities = 0;

      assert_int_equal (ea_cat_get_profile_number_byte (cases[i].number), cases[i].byte);
      assert_true (ea_cat_profile_has_number (&profile, cases[i].number));
      assert_int_equal (profile.numbers[cases[i].number], cases[i].value);
      while ((facility = ea_cat_profile_next_facility (&profile, facility)) != 0)
        {
          assert_int_equal (facility / 10, cases[i].byte);
          n_facilities++;
        }
      assert_int_equal (n_facilities, cases[i].n_facilities);
    }
}

static void
test_number_is_absent_where_the_profile_ends_before_its_byte (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("000000000000000000000000");
  EaCatProfile profile = parse (bytes);

  assert_true (ea_cat_profile_has_number (&profile, EA_CAT_PROFILE_SOFT_KEYS));
  assert_false (ea_cat_profile_has_number (&profile, EA_CAT_PROFILE_CHANNELS));
  assert_int_equal (profile.numbers[EA_CAT_PROFILE_CHANNELS], 0);
}

static void
test_facilities_have_the_names_of_the_standard (void **state)
{
  assert_string_equal (ea_cat_get_facility_name (EA_CAT_FACILITY (1, 1)), "Profile download");
  assert_string_equal (ea_cat_get_facility_name (EA_CAT_FACILITY (3, 8)), "REFRESH");
  assert_string_equal (ea_cat_get_facility_name (EA_CAT_FACILITY (12, 1)), "OPEN CHANNEL");
  assert_string_equal (ea_cat_get_facility_name (EA_CAT_FACILITY (17, 2)),
                       "UDP, UICC in client mode, remote connection");
  assert_string_equal (ea_cat_get_facility_name (EA_CAT_FACILITY (25, 7)),
                       "Event: Network Rejection for E-UTRAN");
  assert_string_equal (ea_cat_get_facility_name (EA_CAT_FACILITY (34, 6)),
                       "REFRESH (eUICC Profile State Change)");
  assert_null (ea_cat_get_facility_name (EA_CAT_FACILITY (7, 8)));
  assert_null (ea_cat_get_facility_name (EA_CAT_FACILITY (13, 8)));
  assert_null (ea_cat_get_facility_name (EA_CAT_FACILITY (40, 1)));
  assert_null (ea_cat_get_facility_name (0));
}

static void
test_no_two_facilities_have_the_same_name (void **state)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint byte = 1; byte <= EA_CAT_PROFILE_NAMED_BYTES; byte++)
    for (guint bit = 1; bit <= 8; bit++)
      {
        const char *name = ea_cat_get_facility_name (EA_CAT_FACILITY (byte, bit));

        if (name != NULL && !g_hash_table_add (names, (gpointer) name))
          fail_msg ("byte %u, bit %u: '%s' is there twice", byte, bit, name);
      }
}

static void
test_profile_that_is_built_from_a_parsed_one_is_the_same (void **state)
{
  static const char *const profiles[] = {
    AGENT_PROFILE_HEX,
    "00",
    "FFFFFFFF7F9F00DFFF03021FE28F8C0F07FFFF",
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000001",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (profiles[i]);
      g_autoptr (GArray) facilities = g_array_new (FALSE, FALSE, sizeof (EaCatFacility));
      g_autoptr (GBytes) built = NULL;
      EaCatProfile profile = parse (bytes);
      EaCatFacility facility = 0;

      while ((facility = ea_cat_profile_next_facility (&profile, facility)) != 0)
        g_array_append_val (facilities, facility);
      built = ea_cat_build_profile ((const EaCatFacility *) (gpointer) facilities->data,
                                    facilities->len, profile.numbers);
      assert_true (g_bytes_equal (built, bytes));
    }
}

static void
test_empty_profile_is_truncated (void **state)
{
  g_autoptr (GError) error = NULL;
  EaCatProfile profile;

  poison (&profile, sizeof profile);
  assert_false (ea_cat_parse_profile (&profile, EA_SPAN_EMPTY, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&profile, sizeof profile));
}

static void
test_profile_of_255_bytes_is_read_and_one_of_256_is_not (void **state)
{
  g_autofree guint8 *zeroes = g_malloc0 (256);
  g_autoptr (GError) error = NULL;
  EaCatProfile profile;
  gsize offset;

  assert_true (ea_cat_parse_profile (&profile, ea_span_init (zeroes, 255), &error));
  assert_false (ea_cat_parse_profile (&profile, ea_span_init (zeroes, 256), &error));
  assert_true (ea_core_error_get_offset (error, zeroes, 256, &offset));
  assert_int_equal (offset, 255);
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
parse_shorter (EaSpan span, gpointer user_data)
{
  EaCatProfile profile;
  EaCatFacility facility = 0;

  if (span.size == 0)
    return;
  assert_true (ea_cat_parse_profile (&profile, span, NULL));
  while ((facility = ea_cat_profile_next_facility (&profile, facility)) != 0)
    assert_true (facility / 10 <= span.size);
}

/* TS 102 223 §5.2: bytes that a terminal does not send are as if they were 0 */
static void
test_every_shorter_profile_is_one_with_fewer_facilities (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (AGENT_PROFILE_HEX);

  parse_truncations (ea_span_from_bytes (bytes), parse_shorter, NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_profile_of_a_headless_terminal_of_class_e_is_built_byte_for_byte),
    cmocka_unit_test (test_what_is_no_byte_and_bit_is_no_facility),
    cmocka_unit_test (test_agent_is_a_headless_terminal_with_server_mode_and_timing_advance),
    cmocka_unit_test (test_bip_needs_its_commands_events_a_bearer_and_both_transports),
    cmocka_unit_test (test_number_of_channels_is_in_the_upper_bits_of_byte_13),
    cmocka_unit_test (test_facilities_are_listed_by_byte_and_bit),
    cmocka_unit_test (test_facility_beyond_the_end_is_not_supported),
    cmocka_unit_test (test_numbers_are_read_from_their_bits),
    cmocka_unit_test (test_number_is_absent_where_the_profile_ends_before_its_byte),
    cmocka_unit_test (test_facilities_have_the_names_of_the_standard),
    cmocka_unit_test (test_no_two_facilities_have_the_same_name),
    cmocka_unit_test (test_profile_that_is_built_from_a_parsed_one_is_the_same),
    cmocka_unit_test (test_empty_profile_is_truncated),
    cmocka_unit_test (test_profile_of_255_bytes_is_read_and_one_of_256_is_not),
    cmocka_unit_test (test_every_shorter_profile_is_one_with_fewer_facilities),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
