/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TERMINAL PROFILE (TS 102 223 §5.2): the facilities by name, the numbers, and bits that mean nothing yet. */

#include "core/cat-profile.h"
#include "ctl/decode.h"

#define CLAUSE "TS 102 223 §5.2"
#define FACILITIES_PER_BYTE 10 /* how EA_CAT_FACILITY counts */

static const char *const number_names[EA_CAT_PROFILE_N_NUMBERS] = {
  [EA_CAT_PROFILE_SOFT_KEYS] = "soft_keys",
  [EA_CAT_PROFILE_CHANNELS] = "channels",
  [EA_CAT_PROFILE_DISPLAY_HEIGHT] = "display_height",
  [EA_CAT_PROFILE_DISPLAY_WIDTH] = "display_width",
  [EA_CAT_PROFILE_MENU_WIDTH_REDUCTION] = "menu_width_reduction",
  [EA_CAT_PROFILE_TIA_EIA_VERSION] = "tia_eia_version",
  [EA_CAT_PROFILE_CCAT] = "ccat",
  [EA_CAT_PROFILE_FRAMES] = "frames",
};

static void
add_facility (EaView *view, EaCatFacility facility, const char *name)
{
  guint byte = facility / FACILITIES_PER_BYTE;

  ea_view_at_offset (view, byte - 1);
  ea_view_begin_object (view, NULL);
  if (name != NULL)
    ea_view_add_string (view, "name", name);
  ea_view_add_number (view, "byte", byte);
  ea_view_add_number (view, "bit", facility % FACILITIES_PER_BYTE);
  ea_view_end_object (view);
}

/* The facilities with a name, or the bits without one. Returns: how many */
static guint
add_facilities (EaView *view, const EaCatProfile *profile, gboolean is_named)
{
  EaCatFacility facility = 0;
  guint n_added = 0;

  while ((facility = ea_cat_profile_next_facility (profile, facility)) != 0)
    {
      const char *name = ea_cat_get_facility_name (facility);

      if ((name != NULL) != is_named)
        continue;
      add_facility (view, facility, name);
      n_added++;
    }
  return n_added;
}

static void
add_reserved (EaView *view, const EaCatProfile *profile)
{
  EaViewMark mark = ea_view_get_mark (view);

  ea_view_begin_list (view, "reserved");
  if (add_facilities (view, profile, FALSE) == 0)
    {
      ea_view_rewind (view, mark);
      return;
    }
  ea_view_end_list (view);
}

gboolean
ea_decode_terminal_profile (EaView *view, EaSpan item, const EaDecodeOptions *options,
                            GError **error)
{
  EaCatProfile profile;

  if (!ea_cat_parse_profile (&profile, item, error))
    return FALSE;

  ea_view_cite (view, CLAUSE);
  ea_view_begin_list (view, "facilities");
  (void) add_facilities (view, &profile, TRUE);
  ea_view_end_list (view);
  for (guint i = 0; i < EA_CAT_PROFILE_N_NUMBERS; i++)
    {
      EaCatProfileNumber number = (EaCatProfileNumber) i;

      if (!ea_cat_profile_has_number (&profile, number))
        continue;
      ea_view_at_offset (view, ea_cat_get_profile_number_byte (number) - 1);
      ea_view_cite (view, CLAUSE);
      ea_view_add_number (view, number_names[i], profile.numbers[i]);
    }
  add_reserved (view, &profile);
  return TRUE;
}
