/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TERMINAL PROFILE of any bytes (agent/core/cat-profile.h): what is read and built again is the same. */

#include "core/cat-profile.h"
#include "fuzz.h"

static gsize
count_bytes_up_to_the_last_that_is_not_0 (EaSpan octets)
{
  EaReader reader;
  gsize n_bytes = 1;

  ea_reader_init (&reader, octets);
  for (gsize i = 1; i <= octets.size; i++)
    if (ea_reader_u8 (&reader) != 0)
      n_bytes = i;
  return n_bytes;
}

static void
check_round_trip (const EaCatProfile *profile, const GArray *facilities)
{
  g_autoptr (GBytes) built = ea_cat_build_profile (
      (const EaCatFacility *) (gpointer) facilities->data, facilities->len, profile->numbers);
  gsize size = count_bytes_up_to_the_last_that_is_not_0 (profile->octets);

  FUZZ_CLAIM (ea_span_equal (ea_span_from_bytes (built), ea_span_head (profile->octets, size)));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GArray) facilities = g_array_new (FALSE, FALSE, sizeof (EaCatFacility));
  g_autoptr (GError) error = NULL;
  EaCatFacility facility = 0;
  EaCatFacility next;
  EaCatProfile profile;

  fuzz_poison (&profile, sizeof profile);
  if (!ea_cat_parse_profile (&profile, ea_span_init (data, size), &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&profile, sizeof profile));
      return 0;
    }

  FUZZ_CLAIM (error == NULL);
  while ((next = ea_cat_profile_next_facility (&profile, facility)) != 0)
    {
      FUZZ_CLAIM (next > facility);
      FUZZ_CLAIM (ea_cat_profile_has_facility (&profile, next));
      g_array_append_val (facilities, next);
      facility = next;
    }
  check_round_trip (&profile, facilities);
  return 0;
}
