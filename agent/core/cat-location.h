/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Values of toolkit objects that say where the terminal is: see core/cat-object.h for the common contract.
 */

/**
 * EaCatPlmn:
 * @mcc: three digits
 * @mnc: two or three digits
 *
 * TS 24.008 §10.5.1.3. Digits are "0" to "9"; others are kept as "A" to "F", as in FFF FF for no network.
 */
typedef struct
{
  char mcc[4];
  char mnc[4];
} EaCatPlmn;

#define EA_CAT_PLMN_SIZE 3
#define EA_CAT_PLMN_WITH_ACCESS_TECHNOLOGY_SIZE 5

/* The PLMN that comes next in @reader, whose failure tells that there was none. */
void ea_cat_read_plmn (EaCatPlmn *out, EaReader *reader);
void ea_cat_write_plmn (EaWriter *writer, const EaCatPlmn *plmn);

/**
 * EaCatLocation:
 * @area_code: location area code or tracking area code
 * @cell: @extended_cell: as they were sent; an E-UTRAN cell identity has its 28 bits in the first ones of both
 * @nr_cell: 40 bits with @is_ng_ran; the cell identity is in the first 36
 *
 * Location information, TS 102 223 §8.19 and TS 31.111 §8.19: PLMN and area code of 2 octets, then a cell
 * of 0, 2 or 4; or, for NG-RAN, an area code of 3 octets and a cell of 5.
 */
typedef struct
{
  EaCatPlmn plmn;
  guint32 area_code;
  gboolean is_ng_ran;
  gboolean has_cell;
  guint16 cell;
  gboolean has_extended_cell;
  guint16 extended_cell;
  guint64 nr_cell;
} EaCatLocation;

gboolean ea_cat_parse_location_information (EaCatLocation *out, EaSpan value, GError **error);
void ea_cat_write_location_information (EaWriter *writer, const EaCatLocation *location);

/* TS 31.111 §8.91 */
typedef struct
{
  EaCatPlmn plmn;
  guint16 location_area_code;
  guint8 routing_area_code;
} EaCatRoutingArea;

gboolean ea_cat_parse_routing_area (EaCatRoutingArea *out, EaSpan value, GError **error);
void ea_cat_write_routing_area (EaWriter *writer, const EaCatRoutingArea *area);

/* TS 31.111 §8.99: the code has 2 octets, 3 with @is_5gs. */
typedef struct
{
  EaCatPlmn plmn;
  gboolean is_5gs;
  guint32 tracking_area_code;
} EaCatTrackingArea;

gboolean ea_cat_parse_tracking_area (EaCatTrackingArea *out, EaSpan value, GError **error);
void ea_cat_write_tracking_area (EaWriter *writer, const EaCatTrackingArea *area);

/* TS 31.111 §8.46 */
typedef struct
{
  guint8 mobility_state;
  guint8 timing_advance;
} EaCatTimingAdvance;

gboolean ea_cat_parse_timing_advance (EaCatTimingAdvance *out, EaSpan value, GError **error);
void ea_cat_write_timing_advance (EaWriter *writer, const EaCatTimingAdvance *advance);
