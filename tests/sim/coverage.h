/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* The network that the simulated radio receives, and how it serves. */

typedef enum
{
  SIM_COVERAGE_NONE,
  SIM_COVERAGE_LIMITED, /* it may be received, not used */
  SIM_COVERAGE_NORMAL,
} SimCoverageLevel;

/* Radio technologies as QMI numbers them. */
typedef enum
{
  SIM_RADIO_GSM = 4,
  SIM_RADIO_UMTS = 5,
  SIM_RADIO_LTE = 8,
  SIM_RADIO_NR = 12,
} SimRadio;

/**
 * SimCoverage:
 * @mcc, @mnc: three digits; two or three digits
 * @area: location area code, or tracking area code; 24 bits on NR, else 16
 * @is_fixed: it stays the same network whose ever the profile is
 */
typedef struct
{
  SimCoverageLevel level;
  SimRadio radio;
  char mcc[4];
  char mnc[4];
  guint32 area;
  guint32 cell;
  gboolean is_fixed;
} SimCoverage;

/* On LTE in the test network 001 01, area 1, cell 1 */
void sim_coverage_init (SimCoverage *coverage);

/**
 * sim_coverage_change:
 * @words: normal | limited | none | technology gsm|umts|lte|nr | cell MCC MNC AREA CELL
 *
 * Returns: FALSE when that is no such change; nothing has changed then
 */
gboolean sim_coverage_change (SimCoverage *coverage, char **words, guint n_words);

/* The network is the home network of this subscriber, unless a cell was named. */
void sim_coverage_follow (SimCoverage *coverage, const char *imsi);

const char *sim_coverage_get_level_name (SimCoverageLevel level);
const char *sim_coverage_get_radio_name (const SimCoverage *coverage);

/* TRUE on GSM and UMTS, where an area is a location area. */
gboolean sim_coverage_has_location_area (const SimCoverage *coverage);

/* PLMN identity in three octets of swapped digits (3GPP TS 24.008 §10.5.1.3) */
void sim_coverage_write_plmn (const SimCoverage *coverage, EaWriter *writer);

/* Location information and access technology for the card (ETSI TS 102 223 §8.19, §8.61) */
void sim_coverage_write_location (const SimCoverage *coverage, EaWriter *writer);
guint8 sim_coverage_get_access_technology (const SimCoverage *coverage);
