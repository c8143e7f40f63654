/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cat-layout.h"
#include "core/cat-value.h"
#include "core/cat.h"

/**
 * EaCatResponse:
 * @details: @devices: @result: what every response begins with; devices are 82 81
 * @has_comprehension_tags: the style of the command details
 * @objects: what comes after the result, all readable, borrowed
 *
 * TERMINAL RESPONSE without APDU header, TS 102 223 §6.8.
 */
typedef struct
{
  EaCatCommandDetails details;
  EaCatDeviceIdentities devices;
  EaCatResultValue result;
  gboolean has_comprehension_tags;
  EaSpan objects;
} EaCatResponse;

/* A response is the data of one APDU. */
#define EA_CAT_RESPONSE_MAX 255

/* TS 102 223 §6.8: the data that fit a RECEIVE DATA response beside everything else in it. */
#define EA_CAT_RECEIVE_DATA_MAX 237

/**
 * ea_cat_parse_response:
 * @out: (out): untouched on failure
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED, _MISSING (command details, device identities or result),
 * _LIMIT (over %EA_CAT_RESPONSE_MAX).
 */
gboolean ea_cat_parse_response (EaCatResponse *out, EaSpan response, GError **error);

/* (transfer full): @response in the style that it tells; its objects as they are. */
GBytes *ea_cat_build_response (const EaCatResponse *response);

/**
 * ea_cat_build_response_to:
 * @additional: additional information on the result, may be empty
 * @objects: COMPREHENSION-TLVs in the style of @command, may be empty
 *
 * Returns: (transfer full): the TERMINAL RESPONSE from the terminal to the UICC. It fits an APDU when it has at
 *   most %EA_CAT_RESPONSE_MAX bytes.
 */
GBytes *ea_cat_build_response_to (const EaCatCommand *command, EaCatResult result,
                                  EaSpan additional, EaSpan objects);

/**
 * ea_cat_answer_command:
 *
 * As ea_cat_build_response_to(), but says "partial comprehension" where @result is "performed" and something
 * in @command was not understood (§6.10).
 */
GBytes *ea_cat_answer_command (const EaCatCommand *command, EaCatResult result, EaSpan additional,
                               EaSpan objects);

/* The objects that a response to a command of @type may have; a layout without slots when it has none. */
const EaCatLayout *ea_cat_get_response_layout (guint8 type);

/* The same with regard to what was asked for: PROVIDE LOCAL INFORMATION gets several locations or measurement
 * results of multiple access technologies. */
const EaCatLayout *ea_cat_response_get_layout (const EaCatResponse *response);

/* TRUE for a general result that says nothing without a cause as its additional information, TS 102 223
 * §8.12. */
gboolean ea_cat_result_needs_additional (guint8 general);

/* (nullable): what the additional information on a general result means, TS 102 223 §8.12.2 to §8.12.12, for
 * the response to a command of @type */
const char *ea_cat_get_result_cause_name (guint8 type, guint8 general, guint8 additional);
