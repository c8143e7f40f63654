/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Short messages: to the card within an ENVELOPE, from it within SEND SHORT MESSAGE. */

#include "core/cat-command.h"
#include "core/cat-envelope.h"
#include "core/cat-value.h"
#include "core/sms.h"
#include "emit.h"

/* 2026-11-25 21:43:56 and 8 quarters of an hour before UTC: §9.2.3.11 */
#define TIMESTAMP "\x62\x11\x52\x12\x34\x65\x88"

#define ADDRESS_OF_SERVER                                                                          \
  {                                                                                                \
    .ton = EA_SMS_TON_INTERNATIONAL, .npi = 1, .digits = "491512345678"                            \
  }

static EaSpan
span_of (const char *octets, gsize size)
{
  return ea_span_init (octets, size);
}

static void
emit_deliver (const char *name, const EaSmsDeliver *deliver, const char *expected)
{
  g_autoptr (GBytes) tpdu = ea_sms_build_deliver (deliver, NULL);

  if (tpdu == NULL)
    g_error ("%s: nothing was built", name);
  emit ("envelope", name,
        ea_cat_build_sms_pp_download (EA_SPAN_EMPTY, ea_span_from_bytes (tpdu), NULL), expected);
}

static void
emit_send_short_message (const char *name, GBytes *tpdu, const char *expected)
{
  g_auto (EaWriter) objects = { 0 };
  EaCatCommand command = {
    .number = 1,
    .type = EA_CAT_TYPE_SEND_SHORT_MESSAGE,
    .source = EA_CAT_DEVICE_UICC,
    .destination = EA_CAT_DEVICE_NETWORK,
    .has_comprehension_tags = TRUE,
  };

  if (tpdu == NULL)
    g_error ("%s: nothing was built", name);
  ea_writer_init (&objects);
  ea_cat_write_object (&objects, EA_CAT_TAG_SMS_TPDU, TRUE, ea_span_from_bytes (tpdu));
  command.objects = ea_writer_span (&objects);
  emit ("command", name, ea_cat_build_command (&command), expected);
}

static void
emit_submit (const char *name, const EaSmsSubmit *submit, const char *expected)
{
  g_autoptr (GBytes) tpdu = ea_sms_build_submit (submit, NULL);

  emit_send_short_message (name, tpdu, expected);
}

static void
emit_delivers (void)
{
  EaSmsDeliver deliver = {
    .originator = ADDRESS_OF_SERVER,
    .pid = EA_SMS_PID_USIM_DOWNLOAD,
    .dcs = EA_SMS_DCS_CLASS_2_8BIT,
    .timestamp = span_of (TIMESTAMP, EA_SMS_TIMESTAMP_SIZE),
    .user_data = {
      .has_header = TRUE,
      .header = span_of ("\x70\x00", 2),
      .payload = span_of ("\x01\x02\x03\x04", 4),
    },
  };

  emit_deliver ("deliver", &deliver,
                "gsm_sms.tp-mti=0;gsm_sms.tp-mms=1;gsm_sms.tp-rp=0;gsm_sms.tp-sri=0;"
                "gsm_sms.tp-udhi=1;gsm_sms.tp-oa=491512345678;"
                "gsm_sms.dis_field_addr.num_type=1;gsm_sms.dis_field_addr.num_plan=1;"
                "gsm_sms.tp-pid=127;gsm_sms.tp-dcs=246;gsm_sms.dcs.message_class=2;"
                "gsm_sms.scts.year=26;gsm_sms.scts.month=11;gsm_sms.scts.day=25;"
                "gsm_sms.scts.hour=21;gsm_sms.scts.minutes=43;gsm_sms.scts.seconds=56;"
                "~Timezone: GMT - 2 hours 0 minutes;"
                "gsm_sms.tp.user_data_length=7;gsm_sms.dis_field_udh.user_data_header_length=2;"
                "gsm_sms.ie_identifier=112;gsm_sms.dis_field_ud_iei.length=0;"
                "gsm_sms.sms_body=01020304");

  deliver.has_more_messages = TRUE;
  deliver.has_reply_path = TRUE;
  deliver.wants_status_report = TRUE;
  deliver.user_data.header = span_of ("\x00\x03\x2A\x03\x02\x70\x00", 7);
  emit_deliver ("concatenated_deliver", &deliver,
                "gsm_sms.tp-mms=0;gsm_sms.tp-rp=1;gsm_sms.tp-sri=1;"
                "gsm_sms.tp.user_data_length=12;gsm_sms.ie_identifier=0,112;"
                "~Message identifier: 42;~Message parts: 3;~Message part number: 2");
}

static void
emit_submits (void)
{
  EaSmsSubmit submit = {
    .reference = 33,
    .destination = ADDRESS_OF_SERVER,
    .pid = EA_SMS_PID_USIM_DOWNLOAD,
    .dcs = EA_SMS_DCS_CLASS_2_8BIT,
    .user_data = {
      .has_header = TRUE,
      .header = span_of ("\x71\x00", 2),
      .payload = span_of ("\x0A\x0B\x0C", 3),
    },
  };

  emit_submit ("submit", &submit,
               "etsi_cat.comp_tlv.cmd_type=19;gsm_sms.tp-mti=1;gsm_sms.tp-rd=0;gsm_sms.tp-vpf=0;"
               "gsm_sms.tp-udhi=1;gsm_sms.tp-mr=33;gsm_sms.tp-da=491512345678;"
               "gsm_sms.tp-pid=127;gsm_sms.tp-dcs=246;gsm_sms.tp.user_data_length=6;"
               "gsm_sms.ie_identifier=113;gsm_sms.sms_body=0a0b0c");

  submit.rejects_duplicates = TRUE;
  submit.wants_status_report = TRUE;
  submit.validity_format = EA_SMS_VALIDITY_RELATIVE;
  submit.validity = span_of ("\xA7", 1);
  emit_submit ("submit_with_validity", &submit,
               "gsm_sms.tp-rd=1;gsm_sms.tp-srr=1;gsm_sms.tp-vpf=2;gsm_sms.sms_body=0a0b0c;"
               "~TP-Validity-Period: 24 hours 0 minutes");
}

#define PACKET_SIZE 137 /* of a packet in one message; with a byte more it takes two */

/* The decoder puts the packet together again when it has read the last message of it. */
static void
emit_packets (void)
{
  const EaSmsAddress destination = ADDRESS_OF_SERVER;
  guint8 packet[PACKET_SIZE + 1];
  EaSpan span = EA_SPAN_OF_ARRAY (packet);
  g_autoptr (GPtrArray) alone = NULL;
  g_autoptr (GPtrArray) two = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *body = NULL;
  g_autofree char *hex = NULL;

  for (guint i = 0; i < sizeof packet; i++)
    packet[i] = (guint8) i;
  alone = ea_sms_submit_packet (&destination, ea_span_head (span, PACKET_SIZE),
                                EA_SMS_SECURED_RESPONSE, 42, NULL);
  two = ea_sms_submit_packet (&destination, span, EA_SMS_SECURED_RESPONSE, 42, NULL);
  hex = ea_span_to_hex (span);
  body = g_ascii_strdown (hex, -1);
  expected = g_strconcat ("gsm_sms.tp-udhi=1;gsm_sms.tp.user_data_length=12;"
                          "gsm_sms.dis_field_udh.user_data_header_length=5;"
                          "gsm_sms.ie_identifier=0;~Message identifier: 42;~Message parts: 2;"
                          "~Message part number: 2;gsm_sms.sms_body=",
                          body, NULL);
  if (alone == NULL || alone->len != 1 || two == NULL || two->len != 2)
    g_error ("packets: not one message, and two");

  emit_send_short_message ("proof_of_receipt", alone->pdata[0],
                           "gsm_sms.tp-mti=1;gsm_sms.tp-udhi=1;gsm_sms.tp-vpf=0;gsm_sms.tp-mr=0;"
                           "gsm_sms.tp-da=491512345678;gsm_sms.tp-pid=127;gsm_sms.tp-dcs=246;"
                           "gsm_sms.tp.user_data_length=140;gsm_sms.ie_identifier=113");
  emit_send_short_message ("first_of_proof_of_receipt", two->pdata[0],
                           "gsm_sms.tp-udhi=1;gsm_sms.tp.user_data_length=140;"
                           "gsm_sms.dis_field_udh.user_data_header_length=7;"
                           "gsm_sms.ie_identifier=0,113;~Message identifier: 42;~Message parts: 2;"
                           "~Message part number: 1");
  emit_send_short_message ("last_of_proof_of_receipt", two->pdata[1], expected);
}

static void
emit_download (const char *name, GBytes *tpdu, const char *expected)
{
  emit ("envelope", name,
        ea_cat_build_sms_pp_download (EA_SPAN_EMPTY, ea_span_from_bytes (tpdu), NULL), expected);
}

/* A packet that another link has brought, as the card gets it */
static void
emit_sealed_packet (void)
{
  const EaSmsAddress originator
      = { .ton = EA_SMS_TON_INTERNATIONAL, .npi = 1, .digits = "999102127" };
  const EaSmsTime time = { .year = 2026, .month = 11, .day = 22, .hour = 10 };
  guint8 packet[PACKET_SIZE + 1] = { 0 };
  g_autoptr (GPtrArray) two = ea_sms_deliver_packet (&originator, &time, EA_SPAN_OF_ARRAY (packet),
                                                     EA_SMS_SECURED_COMMAND, 43, NULL);

  if (two == NULL || two->len != 2)
    g_error ("sealed packet: not two messages");
  emit_download ("first_of_sealed_packet", two->pdata[0],
                 "gsm_sms.tp-mti=0;gsm_sms.tp-mms=1;gsm_sms.tp-udhi=1;gsm_sms.tp-oa=999102127;"
                 "gsm_sms.tp-pid=127;gsm_sms.tp-dcs=246;gsm_sms.scts.year=26;gsm_sms.scts.hour=10;"
                 "gsm_sms.tp.user_data_length=140;gsm_sms.ie_identifier=0,112;"
                 "~Message identifier: 43;~Message parts: 2;~Message part number: 1");
  emit_download ("last_of_sealed_packet", two->pdata[1],
                 "gsm_sms.tp-oa=999102127;gsm_sms.tp.user_data_length=12;gsm_sms.ie_identifier=0;"
                 "~Message identifier: 43;~Message parts: 2;~Message part number: 2");
}

void
emit_messages (void)
{
  emit_delivers ();
  emit_submits ();
  emit_packets ();
  emit_sealed_packet ();
}
