/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cat-layout.h"
#include "core/cat.h"

/* Types of command, TS 102 223 §9.4 and TS 31.111 §9.4, that something is done for by number. */
#define EA_CAT_TYPE_REFRESH 0x01
#define EA_CAT_TYPE_MORE_TIME 0x02
#define EA_CAT_TYPE_POLL_INTERVAL 0x03
#define EA_CAT_TYPE_POLLING_OFF 0x04
#define EA_CAT_TYPE_SET_UP_EVENT_LIST 0x05
#define EA_CAT_TYPE_SET_UP_CALL 0x10
#define EA_CAT_TYPE_LAUNCH_BROWSER 0x15
#define EA_CAT_TYPE_SET_UP_MENU 0x25
#define EA_CAT_TYPE_SELECT_ITEM 0x24
#define EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION 0x26
#define EA_CAT_TYPE_TIMER_MANAGEMENT 0x27
#define EA_CAT_TYPE_SET_UP_IDLE_MODE_TEXT 0x28
#define EA_CAT_TYPE_OPEN_CHANNEL 0x40
#define EA_CAT_TYPE_CLOSE_CHANNEL 0x41
#define EA_CAT_TYPE_RECEIVE_DATA 0x42
#define EA_CAT_TYPE_SEND_DATA 0x43
#define EA_CAT_TYPE_GET_CHANNEL_STATUS 0x44

/* (nullable): the objects of a type of command after its device identities, TS 102 223 §6.6 */
const EaCatLayout *ea_cat_get_command_layout (guint8 type);

/**
 * ea_cat_check_command:
 * @is_partial: (out): objects were passed over: the result is at best "partial comprehension"; untouched on
 *   failure
 *
 * Tells whether all is there that the standard wants in a command. Values are not looked into, but for
 * the rules that join two objects.
 *
 * Errors: EA_CORE_ERROR_UNSUPPORTED (no known type), those of ea_cat_layout_check(), _MALFORMED also for
 * an icon without a text that it goes with (§6.5.4; a text string of a data coding scheme alone is none), and
 * for an item of no bytes beside others (§6.6.7).
 */
gboolean ea_cat_check_command (const EaCatCommand *command, gboolean *is_partial, GError **error);

/* The same, and EA_CORE_ERROR_UNSUPPORTED when @command is not of @type. */
gboolean ea_cat_check_command_is (const EaCatCommand *command, guint8 type, GError **error);

/* The first object with this tag and role; FALSE, with @out untouched, when there is none. */
gboolean ea_cat_command_find_object (const EaCatCommand *command, EaCatTag tag, EaCatRole role,
                                     EaCatObject *out);

/**
 * ea_cat_command_find:
 * @out: (out): the value of the first object with this tag and role; untouched when there is none
 */
gboolean ea_cat_command_find (const EaCatCommand *command, EaCatTag tag, EaCatRole role,
                              EaSpan *out);

/* As ea_cat_command_find(): an empty span when there is none. */
EaSpan ea_cat_command_get (const EaCatCommand *command, EaCatTag tag, EaCatRole role);

/* (nullable): what the qualifier of a command of @type says, where it is one value (REFRESH, PROVIDE LOCAL
 * INFORMATION, TIMER MANAGEMENT) or one bit (SEND DATA …), TS 102 223 §8.6 */
const char *ea_cat_get_qualifier_name (guint8 type, guint8 qualifier);

/**
 * ea_cat_build_command:
 * @command: number, type, qualifier, devices, style, and @objects as they shall stand in it
 *
 * Returns: (transfer full): the command with its tag D0. It is for ea_cat_parse_command() only when it has at
 *   most %EA_CAT_COMMAND_MAX bytes.
 */
GBytes *ea_cat_build_command (const EaCatCommand *command);
