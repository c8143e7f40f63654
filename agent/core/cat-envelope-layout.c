/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which objects stand in which envelope and event, in the order of TS 102 223 §7 and TS 31.111 §7, after the
 * event list and the device identities. EA_CAT_CONDITIONAL marks objects that stand for one another: one of
 * them must be there. What only some terminals send, or only at times, is EA_CAT_OPTIONAL.
 */

#include "core/cat-envelope.h"
#include "core/cat-event.h"

#define LAYOUT(name, clause, slots)                                                                \
  {                                                                                                \
    name, clause, slots, G_N_ELEMENTS (slots)                                                      \
  }
#define EMPTY_LAYOUT(name, clause)                                                                 \
  {                                                                                                \
    name, clause, NULL, 0                                                                          \
  }

static const EaCatSlot sms_pp_download[] = {
  { EA_CAT_TAG_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SMS_TPDU, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot cell_broadcast_download[] = {
  { EA_CAT_TAG_CELL_BROADCAST_PAGE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot menu_selection[] = {
  { EA_CAT_TAG_ITEM_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_HELP_REQUEST, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot call_control[] = {
  { EA_CAT_TAG_ADDRESS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SS_STRING, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_USSD_STRING, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_PDP_CONTEXT_ACTIVATION_PARAMETERS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_EPS_PDN_CONNECTION_ACTIVATION_PARAMETERS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMS_URI, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CAPABILITY_CONFIGURATION_PARAMETERS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SUBADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CAPABILITY_CONFIGURATION_PARAMETERS, EA_CAT_OPTIONAL, EA_CAT_ROLE_SECOND },
  { EA_CAT_TAG_MEDIA_TYPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_URI_TRUNCATED, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot mo_short_message_control[] = {
  { EA_CAT_TAG_ADDRESS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMS_URI, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_SECOND },
  { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot timer_expiration[] = {
  { EA_CAT_TAG_TIMER_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TIMER_VALUE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot ussd_download[] = {
  { EA_CAT_TAG_USSD_STRING, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot mms_transfer_status[] = {
  { EA_CAT_TAG_FILE_LIST, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_TRANSFER_STATUS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot mms_notification_download[] = {
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_NOTIFICATION, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_LAST_ENVELOPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot terminal_applications[] = {
  { EA_CAT_TAG_REGISTRY_APPLICATION_DATA, EA_CAT_OPTIONAL, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_LAST_ENVELOPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot geographical_location_reporting[] = {
  { EA_CAT_TAG_GAD_SHAPES, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_NMEA_SENTENCE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot envelope_container[] = {
  { EA_CAT_TAG_ENCAPSULATED_ENVELOPE_TYPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ECAT_SEQUENCE_NUMBER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ENCRYPTED_TLV_LIST, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SA_TEMPLATE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MAC, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot prose_report[] = {
  { EA_CAT_TAG_PROSE_REPORT_DATA, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};

static const struct
{
  EaCatEnvelopeType type;
  EaCatLayout layout;
} envelopes[] = {
  { EA_CAT_ENVELOPE_SMS_PP_DOWNLOAD,
    LAYOUT ("SMS-PP DOWNLOAD", "TS 31.111 §7.1.1", sms_pp_download) },
  { EA_CAT_ENVELOPE_CELL_BROADCAST_DOWNLOAD,
    LAYOUT ("CELL BROADCAST DOWNLOAD", "TS 31.111 §7.1.2", cell_broadcast_download) },
  { EA_CAT_ENVELOPE_MENU_SELECTION, LAYOUT ("MENU SELECTION", "TS 102 223 §7.2", menu_selection) },
  { EA_CAT_ENVELOPE_CALL_CONTROL, LAYOUT ("CALL CONTROL", "TS 31.111 §7.3.1", call_control) },
  { EA_CAT_ENVELOPE_MO_SHORT_MESSAGE_CONTROL,
    LAYOUT ("MO SHORT MESSAGE CONTROL", "TS 31.111 §7.3.2", mo_short_message_control) },
  { EA_CAT_ENVELOPE_EVENT_DOWNLOAD, EMPTY_LAYOUT ("EVENT DOWNLOAD", "TS 102 223 §7.5") },
  { EA_CAT_ENVELOPE_TIMER_EXPIRATION,
    LAYOUT ("TIMER EXPIRATION", "TS 102 223 §7.4", timer_expiration) },
  { EA_CAT_ENVELOPE_USSD_DOWNLOAD, LAYOUT ("USSD DOWNLOAD", "TS 31.111 §7.1.3", ussd_download) },
  { EA_CAT_ENVELOPE_MMS_TRANSFER_STATUS,
    LAYOUT ("MMS TRANSFER STATUS", "TS 102 223 §7.6", mms_transfer_status) },
  { EA_CAT_ENVELOPE_MMS_NOTIFICATION_DOWNLOAD,
    LAYOUT ("MMS NOTIFICATION DOWNLOAD", "TS 102 223 §7.7", mms_notification_download) },
  { EA_CAT_ENVELOPE_TERMINAL_APPLICATIONS,
    LAYOUT ("TERMINAL APPLICATIONS", "TS 102 223 §7.8", terminal_applications) },
  { EA_CAT_ENVELOPE_GEOGRAPHICAL_LOCATION_REPORTING,
    LAYOUT ("GEOGRAPHICAL LOCATION REPORTING", "TS 31.111 §7.10",
            geographical_location_reporting) },
  { EA_CAT_ENVELOPE_ENVELOPE_CONTAINER,
    LAYOUT ("ENVELOPE CONTAINER", "TS 102 223 §7.10", envelope_container) },
  { EA_CAT_ENVELOPE_PROSE_REPORT, LAYOUT ("PROSE REPORT", "TS 31.111 §7.11", prose_report) },
};

static const EaCatSlot mt_call[] = {
  { EA_CAT_TAG_TRANSACTION_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SUBADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMS_URI, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_URI_TRUNCATED, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MEDIA_TYPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot call_connected[] = {
  { EA_CAT_TAG_TRANSACTION_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MEDIA_TYPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot call_disconnected[] = {
  { EA_CAT_TAG_TRANSACTION_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CAUSE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MEDIA_TYPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMS_CALL_DISCONNECTION_CAUSE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot location_status[] = {
  { EA_CAT_TAG_LOCATION_STATUS, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot card_reader_status[] = {
  { EA_CAT_TAG_CARD_READER_STATUS, EA_CAT_MANDATORY, EA_CAT_ROLE_LIST },
};
static const EaCatSlot language_selection[] = {
  { EA_CAT_TAG_LANGUAGE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot browser_termination[] = {
  { EA_CAT_TAG_BROWSER_TERMINATION_CAUSE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot data_available[] = {
  { EA_CAT_TAG_CHANNEL_STATUS, EA_CAT_MANDATORY, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_CHANNEL_DATA_LENGTH, EA_CAT_MANDATORY, EA_CAT_ROLE_AVAILABLE },
};
static const EaCatSlot channel_status[] = {
  { EA_CAT_TAG_CHANNEL_STATUS, EA_CAT_MANDATORY, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_BEARER_DESCRIPTION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot access_technology_change[] = {
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot display_parameters_changed[] = {
  { EA_CAT_TAG_DISPLAY_PARAMETERS, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot local_connection[] = {
  { EA_CAT_TAG_SERVICE_RECORD, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_REMOTE_ENTITY_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot network_search_mode_change[] = {
  { EA_CAT_TAG_NETWORK_SEARCH_MODE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot browsing_status[] = {
  { EA_CAT_TAG_BROWSING_STATUS, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot frames_information_changed[] = {
  { EA_CAT_TAG_FRAMES_INFORMATION, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot wlan_access_status[] = {
  { EA_CAT_TAG_WLAN_ACCESS_STATUS, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_WLAN_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot network_rejection[] = {
  { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ROUTING_AREA_INFORMATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_UPDATE_ATTACH_TYPE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_REJECTION_CAUSE_CODE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_EXTENDED_REJECTION_CAUSE_CODE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot csg_cell_selection[] = {
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CSG_CELL_SELECTION_STATUS, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CSG_ID, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_HNB_NAME, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_PLMN_ID, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot contactless_state_request[] = {
  { EA_CAT_TAG_CONTACTLESS_STATE_REQUEST, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot ims_registration[] = {
  { EA_CAT_TAG_IMPU_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMS_STATUS_CODE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot incoming_ims_data[] = {
  { EA_CAT_TAG_IARI, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot profile_container[] = {
  { EA_CAT_TAG_ECAT_CLIENT_IDENTITY, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ECAT_CLIENT_PROFILE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CAT_SERVICE_LIST, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot secured_profile_container[] = {
  { EA_CAT_TAG_ECAT_CLIENT_IDENTITY, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ECAT_SEQUENCE_NUMBER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ENCRYPTED_TLV_LIST, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SA_TEMPLATE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MAC, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot poll_interval_negotiation[] = {
  { EA_CAT_TAG_DURATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};
static const EaCatSlot data_connection_status_change[] = {
  { EA_CAT_TAG_DATA_CONNECTION_STATUS, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DATA_CONNECTION_TYPE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SM_CAUSE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TRANSACTION_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_LOCATION_STATUS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_NETWORK_ACCESS_NAME, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_PDP_PDN_PDU_TYPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

/* By event. 1A is void. */
static const EaCatLayout events[] = {
  [EA_CAT_EVENT_MT_CALL] = LAYOUT ("MT call event", "TS 102 223 §7.5.1", mt_call),
  [EA_CAT_EVENT_CALL_CONNECTED]
  = LAYOUT ("Call connected event", "TS 102 223 §7.5.2", call_connected),
  [EA_CAT_EVENT_CALL_DISCONNECTED]
  = LAYOUT ("Call disconnected event", "TS 102 223 §7.5.3", call_disconnected),
  [EA_CAT_EVENT_LOCATION_STATUS]
  = LAYOUT ("Location status event", "TS 102 223 §7.5.4", location_status),
  [EA_CAT_EVENT_USER_ACTIVITY] = EMPTY_LAYOUT ("User activity event", "TS 102 223 §7.5.5"),
  [EA_CAT_EVENT_IDLE_SCREEN_AVAILABLE]
  = EMPTY_LAYOUT ("Idle screen available event", "TS 102 223 §7.5.6"),
  [EA_CAT_EVENT_CARD_READER_STATUS]
  = LAYOUT ("Card reader status event", "TS 102 223 §7.5.7", card_reader_status),
  [EA_CAT_EVENT_LANGUAGE_SELECTION]
  = LAYOUT ("Language selection event", "TS 102 223 §7.5.8", language_selection),
  [EA_CAT_EVENT_BROWSER_TERMINATION]
  = LAYOUT ("Browser termination event", "TS 102 223 §7.5.9", browser_termination),
  [EA_CAT_EVENT_DATA_AVAILABLE]
  = LAYOUT ("Data available event", "TS 102 223 §7.5.10", data_available),
  [EA_CAT_EVENT_CHANNEL_STATUS]
  = LAYOUT ("Channel status event", "TS 102 223 §7.5.11", channel_status),
  [EA_CAT_EVENT_ACCESS_TECHNOLOGY_CHANGE]
  = LAYOUT ("Access technology change event", "TS 102 223 §7.5.12", access_technology_change),
  [EA_CAT_EVENT_DISPLAY_PARAMETERS_CHANGED]
  = LAYOUT ("Display parameters changed event", "TS 102 223 §7.5.13", display_parameters_changed),
  [EA_CAT_EVENT_LOCAL_CONNECTION]
  = LAYOUT ("Local connection event", "TS 102 223 §7.5.14", local_connection),
  [EA_CAT_EVENT_NETWORK_SEARCH_MODE_CHANGE]
  = LAYOUT ("Network search mode change event", "TS 102 223 §7.5.15", network_search_mode_change),
  [EA_CAT_EVENT_BROWSING_STATUS]
  = LAYOUT ("Browsing status event", "TS 102 223 §7.5.16", browsing_status),
  [EA_CAT_EVENT_FRAMES_INFORMATION_CHANGED]
  = LAYOUT ("Frames information changed event", "TS 102 223 §7.5.17", frames_information_changed),
  [EA_CAT_EVENT_I_WLAN_ACCESS_STATUS]
  = LAYOUT ("I-WLAN access status event", "TS 31.111 §7.5.17", wlan_access_status),
  [EA_CAT_EVENT_NETWORK_REJECTION]
  = LAYOUT ("Network rejection event", "TS 31.111 §7.5.18", network_rejection),
  [EA_CAT_EVENT_HCI_CONNECTIVITY] = EMPTY_LAYOUT ("HCI connectivity event", "TS 102 223 §7.5"),
  [EA_CAT_EVENT_ACCESS_TECHNOLOGIES_CHANGE]
  = LAYOUT ("Access technology change event", "TS 102 223 §7.5.12", access_technology_change),
  [EA_CAT_EVENT_CSG_CELL_SELECTION]
  = LAYOUT ("CSG cell selection event", "TS 31.111 §7.5", csg_cell_selection),
  [EA_CAT_EVENT_CONTACTLESS_STATE_REQUEST]
  = LAYOUT ("Contactless state request event", "TS 102 223 §7.5", contactless_state_request),
  [EA_CAT_EVENT_IMS_REGISTRATION]
  = LAYOUT ("IMS registration event", "TS 31.111 §7.5", ims_registration),
  [EA_CAT_EVENT_INCOMING_IMS_DATA]
  = LAYOUT ("Incoming IMS data event", "TS 31.111 §7.5", incoming_ims_data),
  [EA_CAT_EVENT_PROFILE_CONTAINER]
  = LAYOUT ("Profile container event", "TS 102 223 §7.5", profile_container),
  [EA_CAT_EVENT_SECURED_PROFILE_CONTAINER]
  = LAYOUT ("Secured profile container event", "TS 102 223 §7.5", secured_profile_container),
  [EA_CAT_EVENT_POLL_INTERVAL_NEGOTIATION]
  = LAYOUT ("Poll interval negotiation event", "TS 102 223 §7.5", poll_interval_negotiation),
  [EA_CAT_EVENT_DATA_CONNECTION_STATUS_CHANGE]
  = LAYOUT ("Data connection status change event", "TS 31.111 §7.5", data_connection_status_change),
};

const EaCatLayout *
ea_cat_get_envelope_layout (guint32 type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (envelopes); i++)
    if ((guint32) envelopes[i].type == type)
      return &envelopes[i].layout;
  return NULL;
}

const EaCatLayout *
ea_cat_get_event_layout (guint8 event)
{
  if (event >= G_N_ELEMENTS (events) || events[event].name == NULL)
    return NULL;
  return &events[event];
}
