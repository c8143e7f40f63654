/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proactive commands, as a card sends them, and TERMINAL RESPONSEs. */

#include <string.h>

#include "core/cat-bearer.h"
#include "core/cat-command.h"
#include "core/cat-event.h"
#include "core/cat-location.h"
#include "core/cat-number.h"
#include "core/cat-response.h"
#include "core/cat-value.h"
#include "core/text.h"
#include "emit.h"

#define FROM_UICC "gsm_sim.cat.ber_tlv_tag=208;etsi_cat.comp_tlv.src_dev=129;"
#define FROM_TERMINAL "etsi_cat.comp_tlv.src_dev=130;etsi_cat.comp_tlv.dst_dev=129;"

#define TYPE_DISPLAY_TEXT 0x21
#define RESULT_BIP_ERROR 0x3A

/* Appends an object whose value is what @value holds, and empties that. */
static void
take_value (EaWriter *objects, EaCatTag tag, EaWriter *value)
{
  ea_cat_write_object (objects, tag, TRUE, ea_writer_span (value));
  g_byte_array_set_size (value->bytes, 0);
}

static void
add_octets (EaWriter *objects, EaCatTag tag, const char *octets, gsize size)
{
  ea_cat_write_object (objects, tag, TRUE, ea_span_init (octets, size));
}

static void
emit_command (const char *name, guint8 type, guint8 qualifier, guint8 destination,
              const EaWriter *objects, const char *expected)
{
  const EaCatCommand command = {
    .number = 1,
    .type = type,
    .qualifier = qualifier,
    .source = EA_CAT_DEVICE_UICC,
    .destination = destination,
    .has_comprehension_tags = TRUE,
    .objects = ea_writer_span (objects),
  };
  g_autofree char *all
      = g_strdup_printf (FROM_UICC "etsi_cat.comp_tlv.dst_dev=%u;etsi_cat.comp_tlv.cmd_nr=1;"
                                   "etsi_cat.comp_tlv.cmd_type=%u;%s",
                         destination, type, expected);

  emit ("command", name, ea_cat_build_command (&command), all);
}

static void
emit_response (const char *name, guint8 type, guint8 result, const char *additional,
               const EaWriter *objects, const char *expected)
{
  const EaCatResponse response = {
    .details = { 1, type, 0 },
    .devices = { EA_CAT_DEVICE_TERMINAL, EA_CAT_DEVICE_UICC },
    .result = { result, ea_span_init (additional, strlen (additional)) },
    .has_comprehension_tags = TRUE,
    .objects = ea_writer_span (objects),
  };
  g_autofree char *all
      = g_strdup_printf (FROM_TERMINAL "etsi_cat.comp_tlv.cmd_nr=1;etsi_cat.comp_tlv.cmd_type=%u;"
                                       "etsi_cat.comp_tlv.result=%u%s%s",
                         type, result, *expected != '\0' ? ";" : "", expected);

  emit ("response", name, ea_cat_build_response (&response), all);
}

static void
add_bearer (EaWriter *objects, guint8 type, const char *parameters, gsize size)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_bearer_description (
      &value, &(EaCatBearerDescription){ type, ea_span_init (parameters, size) });
  take_value (objects, EA_CAT_TAG_BEARER_DESCRIPTION, &value);
}

static void
add_buffer_size (EaWriter *objects, guint16 size)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_writer_u16be (&value, size);
  take_value (objects, EA_CAT_TAG_BUFFER_SIZE, &value);
}

static void
add_transport (EaWriter *objects, guint8 protocol, guint16 port)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_transport (&value, &(EaCatTransport){ protocol, port });
  take_value (objects, EA_CAT_TAG_TRANSPORT_LEVEL, &value);
}

static void
add_address (EaWriter *objects, guint8 family, const char *address, gsize size)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_other_address (&value, &(EaCatOtherAddress){ family, ea_span_init (address, size) });
  take_value (objects, EA_CAT_TAG_OTHER_ADDRESS, &value);
}

static void
emit_open_tcp (void)
{
  g_auto (EaWriter) objects = { 0 };
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&objects);
  ea_writer_init (&value);
  add_bearer (&objects, EA_CAT_BEARER_DEFAULT, "", 0);
  add_buffer_size (&objects, 1400);
  if (!ea_cat_write_network_access_name (&value, "iot.example", NULL))
    g_error ("The access name was not written");
  take_value (&objects, EA_CAT_TAG_NETWORK_ACCESS_NAME, &value);
  add_transport (&objects, EA_CAT_TRANSPORT_TCP_CLIENT, 443);
  add_address (&objects, EA_CAT_ADDRESS_IPV4, "\xC0\x00\x02\x01", EA_CAT_IPV4_SIZE);
  emit_command ("open_channel", EA_CAT_TYPE_OPEN_CHANNEL, 1, EA_CAT_DEVICE_TERMINAL, &objects,
                "etsi_cat.comp_tlv.cmd_qual=1;etsi_cat.comp_tlv.bearer.descr=3;"
                "etsi_cat.comp_tlv.buffer_size=1400;gsm_a.gm.sm.apn=iot.example;"
                "etsi_cat.comp_tlv.transport.ptype=2;etsi_cat.comp_tlv.transport.port=443;"
                "etsi_cat.comp_tlv.other_address.coding=33;"
                "etsi_cat.comp_tlv.other_address.ipv4=192.0.2.1");
}

static void
emit_open_udp (void)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  add_bearer (&objects, EA_CAT_BEARER_PACKET, "\x01\x02\x03\x04\x05\x02", 6);
  add_buffer_size (&objects, 0xFFFF);
  add_transport (&objects, EA_CAT_TRANSPORT_UDP_CLIENT, 0xC001);
  add_address (&objects, EA_CAT_ADDRESS_IPV6,
               "\x20\x01\x0D\xB8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",
               EA_CAT_IPV6_SIZE);
  emit_command ("open_channel_over_udp", EA_CAT_TYPE_OPEN_CHANNEL, 3, EA_CAT_DEVICE_TERMINAL,
                &objects,
                "etsi_cat.comp_tlv.cmd_qual=3;etsi_cat.comp_tlv.bearer.descr=2;"
                "etsi_cat.comp_tlv.bearer.gprs.precedence=1;etsi_cat.comp_tlv.bearer.gprs.delay=2;"
                "etsi_cat.comp_tlv.bearer.gprs.reliability=3;etsi_cat.comp_tlv.bearer.gprs.peak=4;"
                "etsi_cat.comp_tlv.bearer.gprs.mean=5;etsi_cat.comp_tlv.bearer.gprs.prot_type=2;"
                "etsi_cat.comp_tlv.buffer_size=65535;etsi_cat.comp_tlv.transport.ptype=1;"
                "etsi_cat.comp_tlv.transport.port=49153;"
                "etsi_cat.comp_tlv.other_address.coding=87;"
                "etsi_cat.comp_tlv.other_address.ipv6=2001:db8::1");
}

static void
emit_channel_commands (void)
{
  g_auto (EaWriter) data = { 0 };
  g_auto (EaWriter) length = { 0 };
  g_auto (EaWriter) none = { 0 };

  ea_writer_init (&data);
  ea_writer_init (&length);
  ea_writer_init (&none);
  add_octets (&data, EA_CAT_TAG_CHANNEL_DATA, "\x16\x03\x01\x00\x05\x01", 6);
  add_octets (&length, EA_CAT_TAG_CHANNEL_DATA_LENGTH, "\xE6", 1);
  emit_command ("send_data", EA_CAT_TYPE_SEND_DATA, 1, EA_CAT_DEVICE_CHANNEL_1, &data,
                "~Channel data: 160301000501;etsi_cat.comp_tlv.cmd_qual.send_data=1");
  emit_command ("receive_data", EA_CAT_TYPE_RECEIVE_DATA, 0, EA_CAT_DEVICE_CHANNEL_7, &length,
                "~Channel data length: e6");
  emit_command ("close_channel", EA_CAT_TYPE_CLOSE_CHANNEL, 0, EA_CAT_DEVICE_CHANNEL_1, &none,
                "~Command Type: CLOSE CHANNEL (0x41)");
  emit_command ("get_channel_status", EA_CAT_TYPE_GET_CHANNEL_STATUS, 0, EA_CAT_DEVICE_TERMINAL,
                &none, "~Command Type: GET CHANNEL STATUS (0x44)");
  emit_command ("more_time", EA_CAT_TYPE_MORE_TIME, 0, EA_CAT_DEVICE_TERMINAL, &none,
                "~Command Type: MORE TIME (0x02)");
}

static void
emit_terminal_commands (void)
{
  g_auto (EaWriter) timer = { 0 };
  g_auto (EaWriter) events = { 0 };
  g_auto (EaWriter) interval = { 0 };
  g_auto (EaWriter) text = { 0 };
  g_auto (EaWriter) none = { 0 };
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&timer);
  ea_writer_init (&events);
  ea_writer_init (&interval);
  ea_writer_init (&text);
  ea_writer_init (&none);
  ea_writer_init (&value);

  add_octets (&timer, EA_CAT_TAG_TIMER_IDENTIFIER, "\x02", 1);
  ea_cat_write_timer_value (&value, &(EaCatTimerValue){ 1, 30, 45 });
  take_value (&timer, EA_CAT_TAG_TIMER_VALUE, &value);
  emit_command ("timer_management", EA_CAT_TYPE_TIMER_MANAGEMENT, 0, EA_CAT_DEVICE_TERMINAL, &timer,
                "etsi_cat.comp_tlv.cmd_qual.timer_mgmt=0;~Hours: 1 (0x10);~Minutes: 30 (0x03);"
                "~Seconds: 45 (0x54)");

  add_octets (&events, EA_CAT_TAG_EVENT_LIST, "\x03\x09\x0A", 3);
  emit_command ("set_up_event_list", EA_CAT_TYPE_SET_UP_EVENT_LIST, 0, EA_CAT_DEVICE_TERMINAL,
                &events, "etsi_cat.comp_tlv.event=3,9,10");

  ea_cat_write_duration (&value, &(EaCatDuration){ EA_CAT_DURATION_SECONDS, 30 });
  take_value (&interval, EA_CAT_TAG_DURATION, &value);
  emit_command ("poll_interval", EA_CAT_TYPE_POLL_INTERVAL, 0, EA_CAT_DEVICE_TERMINAL, &interval,
                "etsi_cat.comp_tlv.time_unit=1;etsi_cat.comp_tlv.time_interval=30");

  if (!ea_text_encode_text_string (&value, "Toolkit Test 1", EA_TEXT_DCS_8BIT, NULL))
    g_error ("The text was not written");
  take_value (&text, EA_CAT_TAG_TEXT_STRING, &value);
  if (!ea_text_encode_text_string (&value, "Toolkit Test 1", EA_TEXT_DCS_PACKED, NULL))
    g_error ("The text was not written");
  take_value (&text, EA_CAT_TAG_TEXT_STRING, &value);
  if (!ea_text_encode_text_string (&value, "ЗДРАВСТВУЙТЕ", EA_TEXT_DCS_UCS2, NULL))
    g_error ("The text was not written");
  take_value (&text, EA_CAT_TAG_TEXT_STRING, &value);
  emit_command ("display_text", TYPE_DISPLAY_TEXT, 0x80, EA_CAT_DEVICE_DISPLAY, &text,
                "etsi_cat.comp_tlv.text_encoding=4,0,8;"
                "etsi_cat.comp_tlv.text=Toolkit Test 1,Toolkit Test 1,ЗДРАВСТВУЙТЕ");

  emit_command ("provide_local_information", EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION, 1,
                EA_CAT_DEVICE_TERMINAL, &none, "etsi_cat.comp_tlv.cmd_qual.loci=1");
  emit_command ("refresh", EA_CAT_TYPE_REFRESH, 4, EA_CAT_DEVICE_TERMINAL, &none,
                "etsi_cat.comp_tlv.cmd_qual.refresh=4");
}

static void
emit_channel_responses (void)
{
  g_auto (EaWriter) opened = { 0 };
  g_auto (EaWriter) refused = { 0 };
  g_auto (EaWriter) received = { 0 };
  g_auto (EaWriter) sent = { 0 };
  g_auto (EaWriter) value = { 0 };
  g_autofree char *zeroes = g_malloc0 (EA_CAT_RECEIVE_DATA_MAX);

  ea_writer_init (&opened);
  ea_writer_init (&refused);
  ea_writer_init (&received);
  ea_writer_init (&sent);
  ea_writer_init (&value);

  ea_cat_write_channel_status (&value,
                               &(EaCatChannelStatus){ .channel = 3, .is_established = TRUE });
  take_value (&opened, EA_CAT_TAG_CHANNEL_STATUS, &value);
  add_bearer (&opened, EA_CAT_BEARER_DEFAULT, "", 0);
  add_buffer_size (&opened, 1400);
  ea_cat_write_other_address (
      &value, &(EaCatOtherAddress){ EA_CAT_ADDRESS_IPV4, ea_span_init ("\xC0\x00\x02\x35", 4) });
  take_value (&opened, EA_CAT_TAG_DNS_SERVER_ADDRESS, &value);
  emit_response ("channel_opened", EA_CAT_TYPE_OPEN_CHANNEL, EA_CAT_RESULT_OK, "", &opened,
                 "~Channel status: 8300;etsi_cat.comp_tlv.bearer.descr=3;"
                 "etsi_cat.comp_tlv.buffer_size=1400;"
                 "~Display parameters / DNS server address: 21c0000235");

  add_bearer (&refused, EA_CAT_BEARER_DEFAULT, "", 0);
  add_buffer_size (&refused, 1024);
  emit_response ("channel_refused", EA_CAT_TYPE_OPEN_CHANNEL, RESULT_BIP_ERROR, "\x07", &refused,
                 "etsi_cat.comp_tlv.result.bip=7;etsi_cat.comp_tlv.buffer_size=1024");

  add_octets (&received, EA_CAT_TAG_CHANNEL_DATA, zeroes, EA_CAT_RECEIVE_DATA_MAX);
  add_octets (&received, EA_CAT_TAG_CHANNEL_DATA_LENGTH, "\xFF", 1);
  emit_response ("data_received", EA_CAT_TYPE_RECEIVE_DATA, EA_CAT_RESULT_OK, "", &received,
                 "~Channel data: 000000...;~Channel data length: ff");

  add_octets (&sent, EA_CAT_TAG_CHANNEL_DATA_LENGTH, "\x7F", 1);
  emit_response ("data_sent", EA_CAT_TYPE_SEND_DATA, EA_CAT_RESULT_OK, "", &sent,
                 "~Channel data length: 7f");
}

/* Result and additional information: each decoded by its own table. */
static void
emit_results (void)
{
  g_auto (EaWriter) none = { 0 };

  ea_writer_init (&none);
  emit_response ("no_service", EA_CAT_TYPE_SEND_SHORT_MESSAGE, EA_CAT_RESULT_TERMINAL_UNABLE,
                 "\x04", &none, "etsi_cat.comp_tlv.result.term=4");
  emit_response ("rp_error", EA_CAT_TYPE_SEND_SHORT_MESSAGE, EA_CAT_RESULT_SMS_RP_ERROR, "\x26",
                 &none, "~Result: 3526");
  emit_response ("type_not_understood", TYPE_DISPLAY_TEXT, EA_CAT_RESULT_TYPE_NOT_UNDERSTOOD, "",
                 &none, "~Result: 31");
  emit_response ("values_missing", EA_CAT_TYPE_OPEN_CHANNEL, EA_CAT_RESULT_VALUES_MISSING, "",
                 &none, "~Result: 36");
}

static void
emit_local_information (void)
{
  const EaCatLocation location = {
    .plmn = { "262", "02" },
    .area_code = 0x1234,
    .has_cell = TRUE,
    .cell = 0x5678,
    .has_extended_cell = TRUE,
    .extended_cell = 0x9ABC,
  };
  g_auto (EaWriter) place = { 0 };
  g_auto (EaWriter) identity = { 0 };
  g_auto (EaWriter) technology = { 0 };
  g_auto (EaWriter) time = { 0 };
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&place);
  ea_writer_init (&identity);
  ea_writer_init (&technology);
  ea_writer_init (&time);
  ea_writer_init (&value);

  ea_cat_write_location_information (&value, &location);
  take_value (&place, EA_CAT_TAG_LOCATION_INFORMATION, &value);
  emit_response ("location", EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION, EA_CAT_RESULT_OK, "", &place,
                 "e212.mcc=262;e212.mnc=2;etsi_cat.comp_tlv.loci.lac=4660;"
                 "etsi_cat.comp_tlv.loci.cell_id=22136;etsi_cat.comp_tlv.loci.ext_cell_id=39612");

  ea_cat_write_imei (&value, &(EaCatEquipmentIdentity){ "123456789012345" });
  take_value (&identity, EA_CAT_TAG_IMEI, &value);
  emit_response ("imei", EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION, EA_CAT_RESULT_OK, "", &identity,
                 "~BCD Digits: 123456789012345");

  add_octets (&technology, EA_CAT_TAG_ACCESS_TECHNOLOGY, "\x08", 1);
  emit_response ("access_technology", EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION, EA_CAT_RESULT_OK, "",
                 &technology, "etsi_cat.comp_tlv.access_tech=8");

  ea_cat_write_date_time (&value, &(EaCatDateTime){ .year = 26,
                                                    .month = 11,
                                                    .day = 25,
                                                    .hour = 21,
                                                    .minute = 43,
                                                    .second = 56,
                                                    .has_zone = TRUE,
                                                    .zone_quarters = 8 });
  take_value (&time, EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, &value);
  emit_response ("date_and_time", EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION, EA_CAT_RESULT_OK, "",
                 &time,
                 "~Year: 26;~Month: 11;~Day: 25;~Hours: 21;~Minutes: 43;~Seconds: 56;"
                 "~Time Zone: GMT + 2 hr 0 min");
}

void
emit_commands (void)
{
  emit_open_tcp ();
  emit_open_udp ();
  emit_channel_commands ();
  emit_terminal_commands ();
  emit_channel_responses ();
  emit_results ();
  emit_local_information ();
}
