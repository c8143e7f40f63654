/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * PROVIDE LOCAL INFORMATION, TS 102 223 §6.4.15: where the terminal is, what it is, and what time it is there.
 * Measurements, languages, batteries and what else a terminal may know are beyond this one.
 */

#include <string.h>

#include "core/cat-location.h"
#include "core/cat-number.h"
#include "core/cat-object.h"
#include "core/cat-response.h"
#include "core/cat-task.h"
#include "session/location.h"
#include "session/toolkit-private.h"

/* Qualifier of PROVIDE LOCAL INFORMATION, TS 102 223 §8.6 */
#define INFORMATION_LOCATION 0x00
#define INFORMATION_IMEI 0x01
#define INFORMATION_DATE_TIME 0x03
#define INFORMATION_TIMING_ADVANCE 0x05
#define INFORMATION_ACCESS_TECHNOLOGY 0x06
#define INFORMATION_IMEISV 0x08

#define QUARTER_S (15 * 60)
#define YEARS_PER_CENTURY 100

/* The mobile station's state that goes with a timing advance: idle, TS 31.111 §8.46. */
#define MOBILITY_IDLE 0x00

static void
provide (EaExecution *execution, EaCatResult result, EaCatTag tag, EaSpan value)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  ea_cat_write_object (&objects, tag, execution->command.has_comprehension_tags, value);
  ea_execution_answer (execution, ea_cat_answer_command (&execution->command, result, EA_SPAN_EMPTY,
                                                         ea_writer_span (&objects)));
}

static void
respond_unable (EaExecution *execution, guint8 cause)
{
  ea_execution_respond (execution, EA_CAT_RESULT_TERMINAL_UNABLE, ea_span_init (&cause, 1));
}

/* What the modem can't tell at all is beyond the terminal; else it is unable now. */
static void
fail_to_ask (EaExecution *execution, const GError *error)
{
  ea_log_info (execution->toolkit->log, "The modem does not tell it: %s", error->message);
  if (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED))
    ea_execution_respond (execution, EA_CAT_RESULT_BEYOND_CAPABILITIES, EA_SPAN_EMPTY);
  else
    respond_unable (execution, EA_CAT_TERMINAL_NO_CAUSE);
}

static void
provide_location (EaExecution *execution, const EaModemNetwork *network)
{
  g_autoptr (GBytes) location = ea_location_build (network);

  if (location == NULL || network->service == EA_MODEM_SERVICE_NONE)
    respond_unable (execution, EA_CAT_TERMINAL_NO_SERVICE);
  else
    provide (execution,
             network->service == EA_MODEM_SERVICE_LIMITED ? EA_CAT_RESULT_LIMITED_SERVICE
                                                          : EA_CAT_RESULT_OK,
             EA_CAT_TAG_LOCATION_INFORMATION, ea_span_from_bytes (location));
}

static void
provide_technology (EaExecution *execution, const EaModemNetwork *network)
{
  if (network->has_technology)
    provide (execution, EA_CAT_RESULT_OK, EA_CAT_TAG_ACCESS_TECHNOLOGY,
             ea_span_init (&network->technology, 1));
  else
    respond_unable (execution, EA_CAT_TERMINAL_NO_SERVICE);
}

static void
on_network (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaExecution *execution = user_data;
  g_autoptr (GError) error = NULL;
  EaModemNetwork network;

  if (!ea_modem_query_network_finish (EA_MODEM (source), result, &network, &error))
    fail_to_ask (execution, error);
  else if (execution->command.qualifier == INFORMATION_LOCATION)
    provide_location (execution, &network);
  else
    provide_technology (execution, &network);
}

static void
on_timing_advance (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaExecution *execution = user_data;
  g_auto (EaWriter) value = { 0 };
  g_autoptr (GError) error = NULL;
  EaCatTimingAdvance advance = { .mobility_state = MOBILITY_IDLE };

  if (!ea_modem_read_timing_advance_finish (EA_MODEM (source), result, &advance.timing_advance,
                                            &error))
    {
      fail_to_ask (execution, error);
      return;
    }
  ea_writer_init (&value);
  ea_cat_write_timing_advance (&value, &advance);
  provide (execution, EA_CAT_RESULT_OK, EA_CAT_TAG_TIMING_ADVANCE, ea_writer_span (&value));
}

/* The modem has no more than its digits: what is no IMEI is none that it can tell. */
static void
provide_equipment_identity (EaExecution *execution, EaCatTag tag, const char *digits, gsize length)
{
  EaCatEquipmentIdentity identity = { 0 };
  g_auto (EaWriter) value = { 0 };

  if (strlen (digits) != length || strspn (digits, "0123456789") != length)
    {
      ea_execution_respond (execution, EA_CAT_RESULT_BEYOND_CAPABILITIES, EA_SPAN_EMPTY);
      return;
    }
  (void) g_strlcpy (identity.digits, digits, sizeof identity.digits);
  ea_writer_init (&value);
  if (tag == EA_CAT_TAG_IMEI)
    ea_cat_write_imei (&value, &identity);
  else
    ea_cat_write_imeisv (&value, &identity);
  provide (execution, EA_CAT_RESULT_OK, tag, ea_writer_span (&value));
}

static void
provide_date_time (EaExecution *execution)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_auto (EaWriter) value = { 0 };
  EaCatDateTime date_time = {
    .year = (guint8) (g_date_time_get_year (now) % YEARS_PER_CENTURY),
    .month = (guint8) g_date_time_get_month (now),
    .day = (guint8) g_date_time_get_day_of_month (now),
    .hour = (guint8) g_date_time_get_hour (now),
    .minute = (guint8) g_date_time_get_minute (now),
    .second = (guint8) g_date_time_get_second (now),
    .has_zone = TRUE,
    .zone_quarters = (gint8) (g_date_time_get_utc_offset (now) / G_USEC_PER_SEC / QUARTER_S),
  };

  ea_writer_init (&value);
  ea_cat_write_date_time (&value, &date_time);
  provide (execution, EA_CAT_RESULT_OK, EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE,
           ea_writer_span (&value));
}

void
ea_toolkit_provide_local_information (EaExecution *execution)
{
  EaModem *modem = execution->toolkit->modem;
  EaCatProvideLocalInformation wanted;
  g_autoptr (GError) error = NULL;

  if (!ea_cat_parse_provide_local_information (&wanted, &execution->command, &error))
    {
      ea_execution_fail (execution, error);
      return;
    }
  switch (wanted.information)
    {
    case INFORMATION_LOCATION:
    case INFORMATION_ACCESS_TECHNOLOGY:
      ea_modem_query_network_async (modem, NULL, on_network, execution);
      return;
    case INFORMATION_TIMING_ADVANCE:
      ea_modem_read_timing_advance_async (modem, NULL, on_timing_advance, execution);
      return;
    case INFORMATION_IMEI:
      provide_equipment_identity (execution, EA_CAT_TAG_IMEI, ea_modem_get_imei (modem),
                                  EA_CAT_IMEI_DIGITS);
      return;
    case INFORMATION_IMEISV:
      provide_equipment_identity (execution, EA_CAT_TAG_IMEISV, ea_modem_get_imeisv (modem),
                                  EA_CAT_IMEISV_DIGITS);
      return;
    case INFORMATION_DATE_TIME:
      provide_date_time (execution);
      return;
    default:
      ea_execution_respond (execution, EA_CAT_RESULT_BEYOND_CAPABILITIES, EA_SPAN_EMPTY);
    }
}
