/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TIMER MANAGEMENT, REFRESH, SET UP EVENT LIST, POLL INTERVAL and PROVIDE LOCAL INFORMATION, TS 102 223 §6.4
 * and §6.6. */

#include "core/cat-task.h"

#include "core/cat-command.h"
#include "core/cat-object.h"
#include "core/error.h"

#define TIMER_ACTION 0x03

gboolean
ea_cat_parse_timer_management (EaCatTimerManagement *out, const EaCatCommand *command,
                               GError **error)
{
  EaCatTimerManagement timer = { .action = (EaCatTimerAction) (command->qualifier & TIMER_ACTION) };
  EaSpan value;

  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_TIMER_MANAGEMENT, error)
      || !ea_cat_parse_octet (
          &timer.timer, EA_CAT_TAG_TIMER_IDENTIFIER,
          ea_cat_command_get (command, EA_CAT_TAG_TIMER_IDENTIFIER, EA_CAT_ROLE_ONLY), error))
    return FALSE;
  if (timer.timer == 0 || timer.timer > EA_CAT_TIMER_MAX || timer.action == EA_CAT_TIMER_RESERVED)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, command->objects.data,
                              "TIMER MANAGEMENT does %u with timer %u, of timers 1 to %d",
                              timer.action, timer.timer, EA_CAT_TIMER_MAX);
  if (timer.action == EA_CAT_TIMER_START)
    {
      if (!ea_cat_command_find (command, EA_CAT_TAG_TIMER_VALUE, EA_CAT_ROLE_ONLY, &value))
        return ea_core_error_set (error, EA_CORE_ERROR_MISSING, ea_span_end (command->objects),
                                  "TIMER MANAGEMENT starts timer %u without a value", timer.timer);
      if (!ea_cat_parse_timer_value (&timer.value, value, error))
        return FALSE;
    }
  *out = timer;
  return TRUE;
}

guint8
ea_cat_write_timer_management (EaWriter *writer, const EaCatTimerManagement *timer)
{
  g_auto (EaWriter) value = { 0 };

  ea_cat_write_object (writer, EA_CAT_TAG_TIMER_IDENTIFIER, TRUE, ea_span_init (&timer->timer, 1));
  ea_writer_init (&value);
  ea_cat_write_timer_value (&value, &timer->value);
  if (timer->action == EA_CAT_TIMER_START)
    ea_cat_write_object (writer, EA_CAT_TAG_TIMER_VALUE, TRUE, ea_writer_span (&value));
  return (guint8) timer->action;
}

gboolean
ea_cat_parse_refresh (EaCatRefresh *out, const EaCatCommand *command, GError **error)
{
  EaCatRefresh refresh = { .mode = command->qualifier };
  EaSpan files;

  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_REFRESH, error))
    return FALSE;
  refresh.has_files = ea_cat_command_find (command, EA_CAT_TAG_FILE_LIST, EA_CAT_ROLE_ONLY, &files);
  if (refresh.has_files)
    {
      if (!ea_cat_parse_file_list (&refresh.files, files, error))
        return FALSE;
    }
  else if (refresh.mode == EA_CAT_REFRESH_FILE_CHANGE
           || refresh.mode == EA_CAT_REFRESH_INIT_FILE_CHANGE)
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, ea_span_end (command->objects),
                              "REFRESH of mode %u has no file list", refresh.mode);
  refresh.aid = ea_cat_command_get (command, EA_CAT_TAG_AID, EA_CAT_ROLE_ONLY);
  *out = refresh;
  return TRUE;
}

guint8
ea_cat_write_refresh (EaWriter *writer, const EaCatRefresh *refresh)
{
  g_auto (EaWriter) files = { 0 };

  ea_writer_init (&files);
  ea_cat_write_file_list (&files, &refresh->files);
  if (refresh->has_files)
    ea_cat_write_object (writer, EA_CAT_TAG_FILE_LIST, TRUE, ea_writer_span (&files));
  if (refresh->aid.size > 0)
    ea_cat_write_object (writer, EA_CAT_TAG_AID, FALSE, refresh->aid);
  return refresh->mode;
}

gboolean
ea_cat_parse_event_list (EaSpan *out, const EaCatCommand *command, GError **error)
{
  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_SET_UP_EVENT_LIST, error))
    return FALSE;
  *out = ea_cat_command_get (command, EA_CAT_TAG_EVENT_LIST, EA_CAT_ROLE_ONLY);
  return TRUE;
}

guint8
ea_cat_write_event_list (EaWriter *writer, EaSpan events)
{
  ea_cat_write_object (writer, EA_CAT_TAG_EVENT_LIST, TRUE, events);
  return 0;
}

gboolean
ea_cat_parse_poll_interval (EaCatDuration *out, const EaCatCommand *command, GError **error)
{
  EaSpan value;

  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_POLL_INTERVAL, error))
    return FALSE;
  value = ea_cat_command_get (command, EA_CAT_TAG_DURATION, EA_CAT_ROLE_POLL_INTERVAL);
  return ea_cat_parse_duration (out, value, error);
}

guint8
ea_cat_write_poll_interval (EaWriter *writer, const EaCatDuration *interval)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_duration (&value, interval);
  ea_cat_write_object (writer, EA_CAT_TAG_DURATION, TRUE, ea_writer_span (&value));
  return 0;
}

gboolean
ea_cat_parse_provide_local_information (EaCatProvideLocalInformation *out,
                                        const EaCatCommand *command, GError **error)
{
  EaCatProvideLocalInformation provide = { .information = command->qualifier };
  EaSpan value;

  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION, error))
    return FALSE;
  provide.has_measurement
      = ea_cat_command_find (command, EA_CAT_TAG_MEASUREMENT_QUALIFIER, EA_CAT_ROLE_ONLY, &value);
  if (provide.has_measurement
      && !ea_cat_parse_octet (&provide.measurement, EA_CAT_TAG_MEASUREMENT_QUALIFIER, value, error))
    return FALSE;
  *out = provide;
  return TRUE;
}

guint8
ea_cat_write_provide_local_information (EaWriter *writer,
                                        const EaCatProvideLocalInformation *provide)
{
  if (provide->has_measurement)
    ea_cat_write_object (writer, EA_CAT_TAG_MEASUREMENT_QUALIFIER, TRUE,
                         ea_span_init (&provide->measurement, 1));
  return provide->information;
}
