/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Envelopes of every kind that a terminal sends. */

#include "core/cat-broadcast.h"
#include "core/cat-envelope.h"
#include "core/cat-event.h"
#include "core/cat-value.h"
#include "emit.h"

#define FROM_TERMINAL "etsi_cat.comp_tlv.src_dev=130;etsi_cat.comp_tlv.dst_dev=129;"
#define FROM_NETWORK "etsi_cat.comp_tlv.src_dev=131;etsi_cat.comp_tlv.dst_dev=129;"
#define EVENT_TAG "gsm_sim.cat.ber_tlv_tag=214;"

/* +49 1512345678 sends a command packet to the eUICC: TS 31.111 §7.1.1 */
#define DELIVER_HEX                                                                                \
  "440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A406" \
  "93DF4FCE92B5A3A849C286D5B96F54940F"

static EaSpan
span_of (const char *hex, GBytes **bytes)
{
  *bytes = ea_bytes_from_hex (hex, NULL);
  return ea_span_from_bytes (*bytes);
}

static void
emit_download (void)
{
  g_autoptr (GBytes) smsc = NULL;
  g_autoptr (GBytes) tpdu = NULL;

  emit ("envelope", "sms_pp_download",
        ea_cat_build_sms_pp_download (span_of ("91947107160000", &smsc),
                                      span_of (DELIVER_HEX, &tpdu), NULL),
        FROM_NETWORK
        "gsm_sim.cat.ber_tlv_tag=209;etsi_cat.comp_tlv.address.ton=1;"
        "etsi_cat.comp_tlv.address.npi=1;gsm_sms.tp-mti=0;gsm_sms.tp-mms=1;gsm_sms.tp-udhi=1;"
        "gsm_sms.tp-oa=491512345678;gsm_sms.tp-pid=127;gsm_sms.tp-dcs=246;"
        "gsm_sms.dcs.message_class=2;gsm_sms.tp.user_data_length=45;gsm_sms.ie_identifier=112;"
        "gsm_sms.dis_field_ud_iei.length=0;gsm_sms.sms_body="
        "00281516391212000001954eb8a317c64d5169e703f859a40693df4fce92b5a3a849c286d5b96f54940f");
  emit ("envelope", "sms_pp_download_without_service_centre",
        ea_cat_build_sms_pp_download (EA_SPAN_EMPTY, ea_span_from_bytes (tpdu), NULL),
        FROM_NETWORK "gsm_sim.cat.ber_tlv_tag=209;gsm_sms.tp-oa=491512345678");
}

/* A message of @size bytes, so that the lengths of object and envelope get their long forms */
static void
emit_long_download (gsize size, const char *expected)
{
  g_autofree guint8 *zeroes = g_malloc0 (size);

  emit ("envelope", "long_download",
        ea_cat_build_sms_pp_download (EA_SPAN_EMPTY, ea_span_init (zeroes, size), NULL), expected);
}

/* The decoder leaves alone what is in these envelopes, so it gets the objects a second time by themselves. */
static void
emit_twice (const char *name, GBytes *envelope, const char *expected, const char *expected_objects)
{
  emit ("objects", name, g_bytes_ref (envelope), expected_objects);
  emit ("envelope", name, envelope, expected);
}

static void
emit_cell_broadcast (void)
{
  g_autofree guint8 *content = g_malloc0 (EA_CAT_CELL_BROADCAST_CONTENT_SIZE);
  const EaCatCellBroadcastPage page = {
    .scope = EA_CAT_SCOPE_PLMN,
    .message_code = 0x155,
    .update_number = 2,
    .message_identifier = 4370,
    .dcs = 0x0F,
    .page = 1,
    .n_pages = 2,
    .content = ea_span_init (content, EA_CAT_CELL_BROADCAST_CONTENT_SIZE),
  };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_cat_write_cell_broadcast_page (&writer, &page);
  emit_twice ("cell_broadcast_download",
              ea_cat_build_cell_broadcast_download (ea_writer_span (&writer), NULL),
              "gsm_sim.cat.ber_tlv_tag=210",
              FROM_NETWORK "~3GPP Cell Broadcast page: 555211120f1200...");
}

static void
emit_choices (void)
{
  g_autoptr (GBytes) smsc = NULL;
  g_autoptr (GBytes) destination = NULL;
  g_autoptr (GBytes) location = NULL;

  emit_twice ("menu_selection", ea_cat_build_menu_selection (7, FALSE),
              "gsm_sim.cat.ber_tlv_tag=211",
              "etsi_cat.comp_tlv.src_dev=1;etsi_cat.comp_tlv.dst_dev=129;"
              "~Item identifier: 07");
  emit_twice ("help_on_a_menu_item", ea_cat_build_menu_selection (7, TRUE),
              "gsm_sim.cat.ber_tlv_tag=211", "~Item identifier: 07;~Help request: ");
  emit_twice ("mo_short_message_control",
              ea_cat_build_mo_short_message_control (span_of ("91947107160000", &smsc),
                                                     span_of ("81214365", &destination),
                                                     span_of ("62F22012340001", &location), NULL),
              "gsm_sim.cat.ber_tlv_tag=213",
              FROM_TERMINAL "etsi_cat.comp_tlv.address.ton=1,0;etsi_cat.comp_tlv.loci.lac=4660;"
                            "etsi_cat.comp_tlv.loci.cell_id=1");
}

static void
emit_timers (void)
{
  const EaCatTimerValue half_an_hour = { .minutes = 30 };
  const EaCatTimerValue long_time = { 12, 34, 56 };

  emit ("envelope", "timer_expiration", ea_cat_build_timer_expiration (1, &half_an_hour),
        FROM_TERMINAL "~Timer identifier: 01;~Hours: 0 (0x00);~Minutes: 30 (0x03);"
                      "~Seconds: 0 (0x00)");
  emit ("envelope", "long_timer_expiration", ea_cat_build_timer_expiration (8, &long_time),
        FROM_TERMINAL "~Timer identifier: 08;~Hours: 12 (0x21);~Minutes: 34 (0x43);"
                      "~Seconds: 56 (0x65)");
}

static void
emit_channel_events (void)
{
  const EaCatChannelStatus open = { .channel = 1, .is_established = TRUE };
  const EaCatChannelStatus dropped = { .channel = 7, .information = EA_CAT_CHANNEL_LINK_DROPPED };

  emit ("envelope", "data_available", ea_cat_build_data_available (&open, 32),
        FROM_TERMINAL EVENT_TAG "etsi_cat.comp_tlv.event=9;~Channel status: 8100;"
                                "~Channel data length: 20");
  emit ("envelope", "much_data_available", ea_cat_build_data_available (&open, 4096),
        FROM_TERMINAL EVENT_TAG "etsi_cat.comp_tlv.event=9;~Channel data length: ff");
  emit ("envelope", "channel_status", ea_cat_build_channel_status_event (&dropped),
        FROM_TERMINAL EVENT_TAG "etsi_cat.comp_tlv.event=10;~Channel status: 0705");
}

static void
emit_network_events (void)
{
  g_autoptr (GBytes) place = NULL;
  g_autoptr (GBytes) area = NULL;
  g_autoptr (GBytes) one = NULL;
  g_autoptr (GBytes) two = NULL;

  emit ("envelope", "location_status",
        ea_cat_build_location_status (EA_CAT_SERVICE_NORMAL, span_of ("62F220123456789ABC", &place),
                                      NULL),
        FROM_TERMINAL EVENT_TAG "etsi_cat.comp_tlv.event=3;etsi_cat.comp_tlv.loc_status=0;"
                                "e212.mcc=262;e212.mnc=2;etsi_cat.comp_tlv.loci.lac=4660;"
                                "etsi_cat.comp_tlv.loci.cell_id=22136;"
                                "etsi_cat.comp_tlv.loci.ext_cell_id=39612");
  emit ("envelope", "no_service",
        ea_cat_build_location_status (EA_CAT_SERVICE_NONE, EA_SPAN_EMPTY, NULL),
        FROM_TERMINAL EVENT_TAG "etsi_cat.comp_tlv.event=3;etsi_cat.comp_tlv.loc_status=2");
  emit ("envelope", "access_technology_change",
        ea_cat_build_access_technology_change (span_of ("08", &one), NULL),
        FROM_TERMINAL EVENT_TAG "etsi_cat.comp_tlv.event=11;etsi_cat.comp_tlv.access_tech=8");
  emit ("envelope", "access_technologies_change",
        ea_cat_build_access_technology_change (span_of ("0308", &two), NULL),
        FROM_TERMINAL EVENT_TAG "etsi_cat.comp_tlv.event=20;etsi_cat.comp_tlv.access_tech=3,8");
  emit ("envelope", "network_rejection",
        ea_cat_build_network_rejection (
            &(EaCatNetworkRejection){
                .area_tag = EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION,
                .area = span_of ("62F2200102", &area),
                .access_technology = 8,
                .update_attach_type = 9,
                .cause = 0x0B,
            },
            NULL),
        FROM_NETWORK EVENT_TAG "etsi_cat.comp_tlv.event=18;~3GPP Tracking Area Identification: "
                               "62f2200102;etsi_cat.comp_tlv.access_tech=8;"
                               "etsi_cat.comp_tlv.upd_attach_type=9;~Tracking area code(TAC): "
                               "258|~3GPP Tracking Area Identification: 62f2200102;"
                               "~3GPP Rejection Cause Code: 0b");
}

static void
emit_plain_events (void)
{
  emit ("envelope", "user_activity", ea_cat_build_plain_event (EA_CAT_EVENT_USER_ACTIVITY, NULL),
        FROM_TERMINAL EVENT_TAG "~Event: User activity (0x04)");
  emit ("envelope", "idle_screen_available",
        ea_cat_build_plain_event (EA_CAT_EVENT_IDLE_SCREEN_AVAILABLE, NULL),
        FROM_TERMINAL EVENT_TAG "~Event: Idle screen available (0x05)");
  emit ("envelope", "hci_connectivity",
        ea_cat_build_plain_event (EA_CAT_EVENT_HCI_CONNECTIVITY, NULL),
        FROM_TERMINAL EVENT_TAG "~Event: HCI connectivity event (0x13)");
}

void
emit_envelopes (void)
{
  emit_download ();
  emit_long_download (127, FROM_NETWORK "gsm_sim.cat.ber_tlv_tag=209");
  emit_long_download (128, FROM_NETWORK "gsm_sim.cat.ber_tlv_tag=209");
  emit_cell_broadcast ();
  emit_choices ();
  emit_timers ();
  emit_channel_events ();
  emit_network_events ();
  emit_plain_events ();
}
