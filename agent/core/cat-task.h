/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cat-number.h"
#include "core/cat-value.h"
#include "core/cat.h"

/*
 * Proactive commands that ask the terminal itself for something, ready to be done. Spans borrow from the
 * command. All parsers begin with ea_cat_check_command() and have its errors, and those of the objects;
 * @out is untouched on failure. All writers append the objects in the standard's order, and return the
 * qualifier that goes with them.
 */

/* Qualifier of TIMER MANAGEMENT, TS 102 223 §8.6 */
typedef enum
{
  EA_CAT_TIMER_START = 0x00,
  EA_CAT_TIMER_DEACTIVATE = 0x01,
  EA_CAT_TIMER_GET_VALUE = 0x02,
  EA_CAT_TIMER_RESERVED = 0x03,
} EaCatTimerAction;

/* TIMER MANAGEMENT, TS 102 223 §6.6.21: @timer is 1 to %EA_CAT_TIMER_MAX; @value for EA_CAT_TIMER_START. */
typedef struct
{
  EaCatTimerAction action;
  guint8 timer;
  EaCatTimerValue value;
} EaCatTimerManagement;

/* Errors: also EA_CORE_ERROR_MISSING (a start without a value), _MALFORMED (another timer or action). */
gboolean ea_cat_parse_timer_management (EaCatTimerManagement *out, const EaCatCommand *command,
                                        GError **error);
guint8 ea_cat_write_timer_management (EaWriter *writer, const EaCatTimerManagement *timer);

/* Qualifier of REFRESH, TS 102 223 §8.6 */
typedef enum
{
  EA_CAT_REFRESH_INIT_FULL_FILE_CHANGE = 0x00,
  EA_CAT_REFRESH_FILE_CHANGE = 0x01,
  EA_CAT_REFRESH_INIT_FILE_CHANGE = 0x02,
  EA_CAT_REFRESH_INIT = 0x03,
  EA_CAT_REFRESH_UICC_RESET = 0x04,
  EA_CAT_REFRESH_APPLICATION_RESET = 0x05,
  EA_CAT_REFRESH_SESSION_RESET = 0x06,
  EA_CAT_REFRESH_STEERING_OF_ROAMING = 0x07,
  EA_CAT_REFRESH_STEERING_OF_ROAMING_WLAN = 0x08,
  EA_CAT_REFRESH_PROFILE_STATE_CHANGE = 0x09,
  EA_CAT_REFRESH_APPLICATION_UPDATE = 0x0A,
} EaCatRefreshMode;

/* REFRESH, TS 102 223 §6.6.13: @mode is an EaCatRefreshMode or a reserved value; @files when @has_files; @aid
 * is empty for none. */
typedef struct
{
  guint8 mode;
  gboolean has_files;
  EaCatFileList files;
  EaSpan aid;
} EaCatRefresh;

/* Errors: also EA_CORE_ERROR_MISSING (a file change without files). */
gboolean ea_cat_parse_refresh (EaCatRefresh *out, const EaCatCommand *command, GError **error);
guint8 ea_cat_write_refresh (EaWriter *writer, const EaCatRefresh *refresh);

/* SET UP EVENT LIST, TS 102 223 §6.6.16: one octet for each event; empty: no events any more. */
gboolean ea_cat_parse_event_list (EaSpan *out, const EaCatCommand *command, GError **error);
guint8 ea_cat_write_event_list (EaWriter *writer, EaSpan events);

/* POLL INTERVAL, TS 102 223 §6.6.6. */
gboolean ea_cat_parse_poll_interval (EaCatDuration *out, const EaCatCommand *command,
                                     GError **error);
guint8 ea_cat_write_poll_interval (EaWriter *writer, const EaCatDuration *interval);

/**
 * EaCatProvideLocalInformation:
 * @information: what is asked for, TS 102 223 §8.6 and TS 31.111 §8.6; EA_CAT_NAMES_PROVIDE_LOCAL_INFORMATION
 *   has the names
 * @measurement: when @has_measurement: of which kind network measurement results shall be, TS 31.111 §8.73
 *
 * PROVIDE LOCAL INFORMATION, TS 102 223 §6.6.15, TS 31.111 §6.6.15.
 */
typedef struct
{
  guint8 information;
  gboolean has_measurement;
  guint8 measurement;
} EaCatProvideLocalInformation;

gboolean ea_cat_parse_provide_local_information (EaCatProvideLocalInformation *out,
                                                 const EaCatCommand *command, GError **error);
guint8 ea_cat_write_provide_local_information (EaWriter *writer,
                                               const EaCatProvideLocalInformation *provide);
