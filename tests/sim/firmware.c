/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Firmware's own answers (ETSI TS 102 223 §6.8). Commands for a user or for a bearer are beyond its
 * capabilities; timers run here (§6.4.21) and expire by an ENVELOPE (§7.4).
 */
#include "firmware.h"

#include "card/sim-tlv.h"
#include "firmware-envelope.h"
#include "network.h"

#define TAG_DURATION 0x04
#define TAG_SMS_TPDU 0x0B
#define TAG_LOCATION 0x13
#define TAG_IMEI 0x14
#define TAG_EVENT_LIST 0x19
#define TAG_LANGUAGE 0x2D
#define TAG_TIMER_IDENTIFIER 0x24
#define TAG_TIMER_VALUE 0x25
#define TAG_DATE_TIME 0x26
#define TAG_ACCESS_TECHNOLOGY 0x3F
#define TAG_TIMER_EXPIRATION 0xD7
#define COMPREHENSION_REQUIRED 0x80
#define N_TIMERS 8
#define TIMER_START 0
#define TIMER_DEACTIVATE 1
#define TIMER_READ 2
/* Reported for a message that the network refuses: protocol error, unspecified. */
#define RP_CAUSE 0x6F
#define WMS_RAW_SEND 0x0020
/* Additional information on "terminal currently unable" */
#define NO_SERVICE 0x04

typedef struct
{
  SimFirmware *firmware;
  guint8 identifier;
  guint source; /* 0: not running */
  gint64 deadline_us;
  guint duration_s;
} Timer;

struct _SimFirmware
{
  SimModem *modem;
  SimFirmwareEnvelope *envelope;
  Timer timers[N_TIMERS];
};

SimFirmware *
sim_firmware_new (SimModem *modem)
{
  SimFirmware *firmware = g_new0 (SimFirmware, 1);

  firmware->modem = modem;
  firmware->envelope = sim_firmware_envelope_new (modem);
  for (guint8 i = 0; i < N_TIMERS; i++)
    {
      firmware->timers[i].firmware = firmware;
      firmware->timers[i].identifier = (guint8) (i + 1);
    }
  return firmware;
}

void
sim_firmware_reset (SimFirmware *firmware)
{
  for (guint i = 0; i < N_TIMERS; i++)
    g_clear_handle_id (&firmware->timers[i].source, g_source_remove);
  sim_firmware_envelope_reset (firmware->envelope);
}

void
sim_firmware_free (SimFirmware *firmware)
{
  sim_firmware_reset (firmware);
  sim_firmware_envelope_free (firmware->envelope);
  g_free (firmware);
}

static void
write_object (EaWriter *writer, guint8 tag, EaSpan value)
{
  ea_writer_u8 (writer, tag);
  sim_tlv_write_length (writer, value.size);
  ea_writer_bytes (writer, value);
}

/* Decimal digits, the first in the low nibble */
static guint8
swap_digits (guint value)
{
  return (guint8) ((value % 10) << 4 | (value / 10) % 10);
}

static guint
unswap_digits (guint8 byte)
{
  return (guint) ((byte & 0x0F) * 10 + (byte >> 4));
}

static void
write_timer_value (EaWriter *writer, guint seconds)
{
  const guint8 value[] = { swap_digits (seconds / 3600), swap_digits (seconds / 60 % 60),
                           swap_digits (seconds % 60) };

  write_object (writer, COMPREHENSION_REQUIRED | TAG_TIMER_VALUE, EA_SPAN_OF_ARRAY (value));
}

static void
write_timer_identifier (EaWriter *writer, guint8 identifier)
{
  write_object (writer, COMPREHENSION_REQUIRED | TAG_TIMER_IDENTIFIER,
                ea_span_init (&identifier, 1));
}

static gboolean
on_timer (gpointer user_data)
{
  static const guint8 devices[] = { 0x82, 0x02, 0x82, 0x81 };
  Timer *timer = user_data;
  g_auto (EaWriter) body = { NULL };

  timer->source = 0;
  ea_writer_init (&body);
  ea_writer_bytes (&body, EA_SPAN_OF_ARRAY (devices));
  write_timer_identifier (&body, timer->identifier);
  write_timer_value (&body, timer->duration_s);
  sim_firmware_envelope_send (timer->firmware->envelope, TAG_TIMER_EXPIRATION,
                              ea_writer_span (&body));
  return G_SOURCE_REMOVE;
}

static void
start_timer (Timer *timer, EaSpan value)
{
  EaReader reader;
  guint hours, minutes, seconds;

  ea_reader_init (&reader, value);
  hours = unswap_digits (ea_reader_u8 (&reader));
  minutes = unswap_digits (ea_reader_u8 (&reader));
  seconds = unswap_digits (ea_reader_u8 (&reader));
  g_clear_handle_id (&timer->source, g_source_remove);
  timer->duration_s = hours * 3600 + minutes * 60 + seconds;
  timer->deadline_us = g_get_monotonic_time () + timer->duration_s * G_USEC_PER_SEC;
  timer->source = g_timeout_add_seconds (timer->duration_s, on_timer, timer);
}

static guint
remaining_s (const Timer *timer)
{
  return (guint) (MAX (timer->deadline_us - g_get_monotonic_time (), 0) / G_USEC_PER_SEC);
}

static void
answer (EaWriter *response, const SimProactive *command, SimCatResult result)
{
  sim_proactive_begin_response (response, command, result, -1);
}

static void
manage_timer (SimFirmware *firmware, const SimProactive *command, EaWriter *response)
{
  EaSpan identifier = EA_SPAN_EMPTY;
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;
  guint8 number;
  Timer *timer;

  (void) sim_tlv_find_comprehension (command->objects, TAG_TIMER_IDENTIFIER, &identifier);
  (void) sim_tlv_find_comprehension (command->objects, TAG_TIMER_VALUE, &value);
  ea_reader_init (&reader, identifier);
  number = ea_reader_u8 (&reader);
  if (number < 1 || number > N_TIMERS || (command->qualifier == TIMER_START && value.size != 3))
    {
      answer (response, command, SIM_CAT_RESULT_VALUES_MISSING);
      return;
    }
  timer = &firmware->timers[number - 1];
  if (command->qualifier != TIMER_START && timer->source == 0)
    {
      answer (response, command, SIM_CAT_RESULT_TIMER_STATE);
      return;
    }
  answer (response, command, SIM_CAT_RESULT_OK);
  write_timer_identifier (response, number);
  if (command->qualifier == TIMER_START)
    start_timer (timer, value);
  else
    write_timer_value (response, remaining_s (timer));
  if (command->qualifier == TIMER_DEACTIVATE)
    g_clear_handle_id (&timer->source, g_source_remove);
}

static void
send_message (SimFirmware *firmware, const SimProactive *command, EaWriter *response)
{
  EaSpan tpdu;

  if (!sim_tlv_find_comprehension (command->objects, TAG_SMS_TPDU, &tpdu))
    {
      answer (response, command, SIM_CAT_RESULT_VALUES_MISSING);
      return;
    }
  if (!sim_modem_is_registered (firmware->modem))
    {
      sim_proactive_begin_response (response, command, SIM_CAT_RESULT_TERMINAL_UNABLE, NO_SERVICE);
      return;
    }
  /* A fault that was ordered for the clients' messages is the network's: it hits this one, too. */
  if (sim_modem_take_fault (firmware->modem, SIM_SERVICE_WMS, WMS_RAW_SEND) != SIM_QMI_OK)
    {
      sim_proactive_begin_response (response, command, SIM_CAT_RESULT_SMS_RP_ERROR, RP_CAUSE);
      return;
    }
  answer (response, command, SIM_CAT_RESULT_OK);
  (void) sim_network_submit (firmware->modem->network, tpdu); /* nobody asks for its id */
}

/* Digits as in the IMEI object of TS 102 223 §8.20: the low nibble of the first octet is A. */
static void
write_imei (EaWriter *response, const char *imei)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  ea_writer_u8 (&value, (guint8) (g_ascii_xdigit_value (*imei) << 4 | 0x0A));
  for (const char *digit = imei + 1; digit[0] != '\0' && digit[1] != '\0'; digit += 2)
    ea_writer_u8 (
        &value, (guint8) (g_ascii_xdigit_value (digit[1]) << 4 | g_ascii_xdigit_value (digit[0])));
  write_object (response, TAG_IMEI, ea_writer_span (&value));
}

static void
write_date_time (EaWriter *response)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  const guint8 value[] = { swap_digits ((guint) g_date_time_get_year (now) % 100),
                           swap_digits ((guint) g_date_time_get_month (now)),
                           swap_digits ((guint) g_date_time_get_day_of_month (now)),
                           swap_digits ((guint) g_date_time_get_hour (now)),
                           swap_digits ((guint) g_date_time_get_minute (now)),
                           swap_digits ((guint) g_date_time_get_second (now)),
                           0 };

  write_object (response, TAG_DATE_TIME, EA_SPAN_OF_ARRAY (value));
}

static void
write_location (const SimCoverage *coverage, EaWriter *response)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  sim_coverage_write_location (coverage, &value);
  write_object (response, TAG_LOCATION, ea_writer_span (&value));
}

static void
provide_local_information (SimFirmware *firmware, const SimProactive *command, EaWriter *response)
{
  const SimCoverage *coverage = &firmware->modem->coverage;
  guint8 technology = sim_coverage_get_access_technology (coverage);

  if (command->qualifier > 0x06 || command->qualifier == 0x02 || command->qualifier == 0x05)
    {
      answer (response, command, SIM_CAT_RESULT_BEYOND_CAPABILITIES);
      return;
    }
  answer (response, command, SIM_CAT_RESULT_OK);
  switch (command->qualifier)
    {
    case 0x00:
      write_location (coverage, response);
      return;
    case 0x01:
      write_imei (response, firmware->modem->imei);
      return;
    case 0x03:
      write_date_time (response);
      return;
    case 0x04:
      write_object (response, TAG_LANGUAGE, ea_span_init ("en", 2));
      return;
    default:
      write_object (response, TAG_ACCESS_TECHNOLOGY, ea_span_init (&technology, 1));
    }
}

static void
grant_poll_interval (const SimProactive *command, EaWriter *response)
{
  EaSpan duration;

  if (!sim_tlv_find_comprehension (command->objects, TAG_DURATION, &duration))
    {
      answer (response, command, SIM_CAT_RESULT_VALUES_MISSING);
      return;
    }
  answer (response, command, SIM_CAT_RESULT_OK);
  write_object (response, COMPREHENSION_REQUIRED | TAG_DURATION, duration);
}

static void
set_up_events (SimFirmware *firmware, const SimProactive *command, EaWriter *response)
{
  EaSpan events = EA_SPAN_EMPTY;

  (void) sim_tlv_find_comprehension (command->objects, TAG_EVENT_LIST, &events); /* empty: none */
  answer (response, command, SIM_CAT_RESULT_OK);
  sim_firmware_envelope_set_events (firmware->envelope, events);
}

static gboolean
is_known_type (guint8 type)
{
  return (type >= SIM_CAT_REFRESH && type <= SIM_CAT_SET_UP_EVENT_LIST)
         || (type >= SIM_CAT_SET_UP_CALL && type <= SIM_CAT_LAUNCH_BROWSER)
         || (type >= SIM_CAT_PLAY_TONE && type <= SIM_CAT_SET_UP_IDLE_MODE_TEXT)
         || type == SIM_CAT_LANGUAGE_NOTIFICATION
         || (type >= SIM_CAT_OPEN_CHANNEL && type <= SIM_CAT_GET_CHANNEL_STATUS)
         || type == SIM_CAT_ACTIVATE;
}

static void
execute (SimFirmware *firmware, const SimProactive *command, EaWriter *response)
{
  switch (command->type)
    {
    case 0:
      answer (response, command, SIM_CAT_RESULT_DATA_UNKNOWN);
      return;
    case SIM_CAT_REFRESH:
    case SIM_CAT_MORE_TIME:
    case SIM_CAT_POLLING_OFF:
      answer (response, command, SIM_CAT_RESULT_OK);
      return;
    case SIM_CAT_SET_UP_EVENT_LIST:
      set_up_events (firmware, command, response);
      return;
    case SIM_CAT_POLL_INTERVAL:
      grant_poll_interval (command, response);
      return;
    case SIM_CAT_SEND_SHORT_MESSAGE:
      send_message (firmware, command, response);
      return;
    case SIM_CAT_PROVIDE_LOCAL_INFORMATION:
      provide_local_information (firmware, command, response);
      return;
    case SIM_CAT_TIMER_MANAGEMENT:
      manage_timer (firmware, command, response);
      return;
    default:
      answer (response, command,
              is_known_type (command->type) ? SIM_CAT_RESULT_BEYOND_CAPABILITIES
                                            : SIM_CAT_RESULT_TYPE_UNKNOWN);
    }
}

GBytes *
sim_firmware_execute (SimFirmware *firmware, const SimProactive *command)
{
  g_auto (EaWriter) response = { NULL };

  ea_writer_init (&response);
  execute (firmware, command, &response);
  return ea_writer_steal (&response);
}

void
sim_firmware_take_network (SimFirmware *firmware)
{
  sim_firmware_envelope_take_network (firmware->envelope);
}
