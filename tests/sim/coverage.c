/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the radio receives, and the words that change it. */
#include "coverage.h"

#include <string.h>

#define AREA_MAX 0xFFFF
#define AREA_MAX_NR 0xFFFFFF
#define DIGIT_NONE 0x0F
/* Of the IMSIs of simulated profiles */
#define HOME_MNC_DIGITS 2
#define HOME_DIGITS (3 + HOME_MNC_DIGITS)
/* E-UTRAN and NG-RAN cells fill their octets from the left, with ones behind. */
#define CELL_SHIFT 4
#define CELL_FILL 0x0F

static const struct
{
  const char *name;
  SimRadio radio;
  guint8 access_technology;
} radios[] = {
  { "gsm", SIM_RADIO_GSM, 0x00 },
  { "umts", SIM_RADIO_UMTS, 0x03 },
  { "lte", SIM_RADIO_LTE, 0x08 },
  { "nr", SIM_RADIO_NR, 0x0A },
};

static const char *const levels[] = {
  [SIM_COVERAGE_NONE] = "none",
  [SIM_COVERAGE_LIMITED] = "limited",
  [SIM_COVERAGE_NORMAL] = "normal",
};

void
sim_coverage_init (SimCoverage *coverage)
{
  *coverage = (SimCoverage){ .level = SIM_COVERAGE_NORMAL,
                             .radio = SIM_RADIO_LTE,
                             .mcc = "001",
                             .mnc = "01",
                             .area = 1,
                             .cell = 1 };
}

static gboolean
read_number (const char *word, guint64 maximum, guint32 *number)
{
  gboolean is_hex = g_ascii_strncasecmp (word, "0x", 2) == 0;
  guint64 value;

  if (!g_ascii_string_to_unsigned (is_hex ? word + 2 : word, is_hex ? 16 : 10, 0, maximum, &value,
                                   NULL))
    return FALSE;
  *number = (guint32) value;
  return TRUE;
}

static gboolean
is_digits (const char *word, gsize min)
{
  gsize length = strlen (word);

  return length >= min && length <= 3 && strspn (word, "0123456789") == length;
}

static gboolean
change_level (SimCoverage *coverage, const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (strcmp (levels[i], word) == 0)
      {
        coverage->level = (SimCoverageLevel) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
change_radio (SimCoverage *coverage, const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (radios); i++)
    if (strcmp (radios[i].name, word) == 0)
      {
        coverage->radio = radios[i].radio;
        return TRUE;
      }
  return FALSE;
}

static gboolean
change_cell (SimCoverage *coverage, char **words)
{
  guint32 area;
  guint32 cell;

  if (!is_digits (words[0], 3) || !is_digits (words[1], 2)
      || !read_number (words[2], coverage->radio == SIM_RADIO_NR ? AREA_MAX_NR : AREA_MAX, &area)
      || !read_number (words[3], G_MAXUINT32, &cell))
    return FALSE;
  g_strlcpy (coverage->mcc, words[0], sizeof coverage->mcc);
  g_strlcpy (coverage->mnc, words[1], sizeof coverage->mnc);
  coverage->area = area;
  coverage->cell = cell;
  coverage->is_fixed = TRUE;
  return TRUE;
}

gboolean
sim_coverage_change (SimCoverage *coverage, char **words, guint n_words)
{
  if (n_words == 1)
    return change_level (coverage, words[0]);
  if (n_words == 2 && strcmp (words[0], "technology") == 0)
    return change_radio (coverage, words[1]);
  return n_words == 5 && strcmp (words[0], "cell") == 0 && change_cell (coverage, words + 1);
}

void
sim_coverage_follow (SimCoverage *coverage, const char *imsi)
{
  if (coverage->is_fixed || strlen (imsi) < HOME_DIGITS)
    return;
  g_strlcpy (coverage->mcc, imsi, sizeof coverage->mcc);
  g_strlcpy (coverage->mnc, imsi + 3, HOME_MNC_DIGITS + 1);
}

const char *
sim_coverage_get_level_name (SimCoverageLevel level)
{
  return levels[level];
}

const char *
sim_coverage_get_radio_name (const SimCoverage *coverage)
{
  for (guint i = 0; i < G_N_ELEMENTS (radios); i++)
    if (radios[i].radio == coverage->radio)
      return radios[i].name;
  return "";
}

guint8
sim_coverage_get_access_technology (const SimCoverage *coverage)
{
  for (guint i = 0; i < G_N_ELEMENTS (radios); i++)
    if (radios[i].radio == coverage->radio)
      return radios[i].access_technology;
  return 0;
}

gboolean
sim_coverage_has_location_area (const SimCoverage *coverage)
{
  return coverage->radio == SIM_RADIO_GSM || coverage->radio == SIM_RADIO_UMTS;
}

static guint8
pack (char low, char high)
{
  int upper = g_ascii_digit_value (high);

  return (guint8) ((upper < 0 ? DIGIT_NONE : upper) << 4 | g_ascii_digit_value (low));
}

void
sim_coverage_write_plmn (const SimCoverage *coverage, EaWriter *writer)
{
  ea_writer_u8 (writer, pack (coverage->mcc[0], coverage->mcc[1]));
  ea_writer_u8 (writer, pack (coverage->mcc[2], coverage->mnc[2]));
  ea_writer_u8 (writer, pack (coverage->mnc[0], coverage->mnc[1]));
}

void
sim_coverage_write_location (const SimCoverage *coverage, EaWriter *writer)
{
  guint64 cell = (guint64) coverage->cell << CELL_SHIFT | CELL_FILL;

  sim_coverage_write_plmn (coverage, writer);
  if (coverage->radio == SIM_RADIO_NR)
    ea_writer_u8 (writer, (guint8) (coverage->area >> 16));
  ea_writer_u16be (writer, (guint16) coverage->area);
  switch (coverage->radio)
    {
    case SIM_RADIO_GSM:
      ea_writer_u16be (writer, (guint16) coverage->cell);
      return;
    case SIM_RADIO_UMTS:
      ea_writer_u16be (writer, (guint16) coverage->cell);
      ea_writer_u16be (writer, (guint16) (coverage->cell >> 16)); /* radio network controller */
      return;
    case SIM_RADIO_NR:
      ea_writer_u8 (writer, (guint8) (cell >> 32));
      ea_writer_u32be (writer, (guint32) cell);
      return;
    case SIM_RADIO_LTE:
      ea_writer_u32be (writer, (guint32) cell);
    }
}
