/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Proactive commands by type, TS 102 223 §6.6 and §9.4, TS 31.111 §6.6, and the rules of §6.10 and §6.5.4
 * that one object alone doesn't show.
 */

#include "core/cat-command.h"

#include "core/cat-name.h"
#include "core/error.h"

#define TIMER_MANAGEMENT_MASK 0x03 /* §8.6 */

static const EaCatSlot refresh[] = {
  { EA_CAT_TAG_FILE_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_AID, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_REFRESH_ENFORCEMENT_POLICY, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_APPLICATION_SPECIFIC_REFRESH_DATA, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_PLMN_WITH_ACCESS_TECHNOLOGY_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_WLAN_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_PLMN_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot poll_interval[] = {
  { EA_CAT_TAG_DURATION, EA_CAT_MANDATORY, EA_CAT_ROLE_POLL_INTERVAL },
};

static const EaCatSlot set_up_event_list[] = {
  { EA_CAT_TAG_EVENT_LIST, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot set_up_call[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ADDRESS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMS_URI, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CAPABILITY_CONFIGURATION_PARAMETERS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SUBADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DURATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_CALL_SET_UP },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_CALL_SET_UP },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_CALL_SET_UP },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MEDIA_TYPE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot send_ss[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SS_STRING, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot send_ussd[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_USSD_STRING, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot send_short_message[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SMS_TPDU, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CDMA_SMS_TPDU, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot send_dtmf[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DTMF_STRING, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot launch_browser[] = {
  { EA_CAT_TAG_BROWSER_IDENTITY, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_URL, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_BEARER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_PROVISIONING_FILE_REFERENCE, EA_CAT_OPTIONAL, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_OPTIONAL, EA_CAT_ROLE_GATEWAY },
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_NETWORK_ACCESS_NAME, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_OPTIONAL, EA_CAT_ROLE_LOGIN },
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_OPTIONAL, EA_CAT_ROLE_PASSWORD },
};

static const EaCatSlot geographical_location_request[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_GEOGRAPHICAL_LOCATION_PARAMETERS, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot play_tone[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TONE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DURATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot display_text[] = {
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMMEDIATE_RESPONSE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DURATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot get_inkey[] = {
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DURATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot get_input[] = {
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_RESPONSE_LENGTH, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DEFAULT_TEXT, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DURATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot select_item[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ITEM, EA_CAT_MANDATORY, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_ITEMS_NEXT_ACTION_INDICATOR, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ITEM_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ITEM_TEXT_ATTRIBUTE_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot set_up_menu[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ITEM, EA_CAT_MANDATORY, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_ITEMS_NEXT_ACTION_INDICATOR, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ITEM_TEXT_ATTRIBUTE_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot provide_local_information[] = {
  { EA_CAT_TAG_MEASUREMENT_QUALIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot timer_management[] = {
  { EA_CAT_TAG_TIMER_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TIMER_VALUE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot set_up_idle_mode_text[] = {
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot perform_card_apdu[] = {
  { EA_CAT_TAG_C_APDU, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot run_at_command[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_AT_COMMAND, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot language_notification[] = {
  { EA_CAT_TAG_LANGUAGE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot open_channel[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ADDRESS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_CALLED },
  { EA_CAT_TAG_SUBADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DURATION, EA_CAT_OPTIONAL, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_BEARER_DESCRIPTION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_BUFFER_SIZE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_NETWORK_ACCESS_NAME, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_LOCAL_ADDRESS },
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_OPTIONAL, EA_CAT_ROLE_LOGIN },
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_OPTIONAL, EA_CAT_ROLE_PASSWORD },
  { EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_DESTINATION_ADDRESS },
  { EA_CAT_TAG_REMOTE_ENTITY_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_PDP_CONTEXT_ACTIVATION_PARAMETERS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_EPS_PDN_CONNECTION_ACTIVATION_PARAMETERS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot close_channel[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot receive_data[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CHANNEL_DATA_LENGTH, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot send_data[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CHANNEL_DATA, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot service_search[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SERVICE_SEARCH, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DEVICE_FILTER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot get_service_information[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ATTRIBUTE_INFORMATION, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot declare_service[] = {
  { EA_CAT_TAG_SERVICE_RECORD, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot set_frames[] = {
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_MANDATORY, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_FRAME_LAYOUT, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot retrieve_multimedia_message[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_REFERENCE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FILE_LIST, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_CONTENT_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot submit_multimedia_message[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FILE_LIST, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot display_multimedia_message[] = {
  { EA_CAT_TAG_FILE_LIST, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMMEDIATE_RESPONSE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot activate[] = {
  { EA_CAT_TAG_ACTIVATE_DESCRIPTOR, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot contactless_state_changed[] = {
  { EA_CAT_TAG_CONTACTLESS_FUNCTIONALITY_STATE, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot command_container[] = {
  { EA_CAT_TAG_ECAT_SEQUENCE_NUMBER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MAC, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ENCRYPTED_TLV_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot encapsulated_session_control[] = {
  { EA_CAT_TAG_SA_TEMPLATE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ECAT_CLIENT_IDENTITY, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

#define SLOTS(array) array, G_N_ELEMENTS (array)

/* Each at its type */
static const EaCatLayout commands[] = {
  [0x01] = { "REFRESH", "TS 102 223 §6.6.13", SLOTS (refresh) },
  [0x02] = { "MORE TIME", "TS 102 223 §6.6.4", NULL, 0 },
  [0x03] = { "POLL INTERVAL", "TS 102 223 §6.6.6", SLOTS (poll_interval) },
  [0x04] = { "POLLING OFF", "TS 102 223 §6.6.14", NULL, 0 },
  [0x05] = { "SET UP EVENT LIST", "TS 102 223 §6.6.16", SLOTS (set_up_event_list) },
  [0x10] = { "SET UP CALL", "TS 102 223 §6.6.12", SLOTS (set_up_call) },
  [0x11] = { "SEND SS", "TS 31.111 §6.6.10", SLOTS (send_ss) },
  [0x12] = { "SEND USSD", "TS 31.111 §6.6.11", SLOTS (send_ussd) },
  [0x13] = { "SEND SHORT MESSAGE", "TS 102 223 §6.6.9", SLOTS (send_short_message) },
  [0x14] = { "SEND DTMF", "TS 102 223 §6.6.24", SLOTS (send_dtmf) },
  [0x15] = { "LAUNCH BROWSER", "TS 102 223 §6.6.26", SLOTS (launch_browser) },
  [0x16]
  = { "GEOGRAPHICAL LOCATION REQUEST", "TS 31.111 §6.6", SLOTS (geographical_location_request) },
  [0x20] = { "PLAY TONE", "TS 102 223 §6.6.5", SLOTS (play_tone) },
  [0x21] = { "DISPLAY TEXT", "TS 102 223 §6.6.1", SLOTS (display_text) },
  [0x22] = { "GET INKEY", "TS 102 223 §6.6.2", SLOTS (get_inkey) },
  [0x23] = { "GET INPUT", "TS 102 223 §6.6.3", SLOTS (get_input) },
  [0x24] = { "SELECT ITEM", "TS 102 223 §6.6.8", SLOTS (select_item) },
  [0x25] = { "SET UP MENU", "TS 102 223 §6.6.7", SLOTS (set_up_menu) },
  [0x26] = { "PROVIDE LOCAL INFORMATION", "TS 102 223 §6.6.15", SLOTS (provide_local_information) },
  [0x27] = { "TIMER MANAGEMENT", "TS 102 223 §6.6.21", SLOTS (timer_management) },
  [0x28] = { "SET UP IDLE MODE TEXT", "TS 102 223 §6.6.22", SLOTS (set_up_idle_mode_text) },
  [0x30] = { "PERFORM CARD APDU", "TS 102 223 §6.6.17", SLOTS (perform_card_apdu) },
  [0x31] = { "POWER ON CARD", "TS 102 223 §6.6.19", NULL, 0 },
  [0x32] = { "POWER OFF CARD", "TS 102 223 §6.6.18", NULL, 0 },
  [0x33] = { "GET READER STATUS", "TS 102 223 §6.6.20", NULL, 0 },
  [0x34] = { "RUN AT COMMAND", "TS 102 223 §6.6.23", SLOTS (run_at_command) },
  [0x35] = { "LANGUAGE NOTIFICATION", "TS 102 223 §6.6.25", SLOTS (language_notification) },
  [0x40] = { "OPEN CHANNEL", "TS 102 223 §6.6.27", SLOTS (open_channel) },
  [0x41] = { "CLOSE CHANNEL", "TS 102 223 §6.6.28", SLOTS (close_channel) },
  [0x42] = { "RECEIVE DATA", "TS 102 223 §6.6.29", SLOTS (receive_data) },
  [0x43] = { "SEND DATA", "TS 102 223 §6.6.30", SLOTS (send_data) },
  [0x44] = { "GET CHANNEL STATUS", "TS 102 223 §6.6.31", NULL, 0 },
  [0x45] = { "SERVICE SEARCH", "TS 102 223 §6.6.32", SLOTS (service_search) },
  [0x46] = { "GET SERVICE INFORMATION", "TS 102 223 §6.6.33", SLOTS (get_service_information) },
  [0x47] = { "DECLARE SERVICE", "TS 102 223 §6.6.34", SLOTS (declare_service) },
  [0x50] = { "SET FRAMES", "TS 102 223 §6.6.35", SLOTS (set_frames) },
  [0x51] = { "GET FRAMES STATUS", "TS 102 223 §6.6.36", NULL, 0 },
  [0x60]
  = { "RETRIEVE MULTIMEDIA MESSAGE", "TS 102 223 §6.6.37", SLOTS (retrieve_multimedia_message) },
  [0x61] = { "SUBMIT MULTIMEDIA MESSAGE", "TS 102 223 §6.6.38", SLOTS (submit_multimedia_message) },
  [0x62]
  = { "DISPLAY MULTIMEDIA MESSAGE", "TS 102 223 §6.6.39", SLOTS (display_multimedia_message) },
  [0x70] = { "ACTIVATE", "TS 102 223 §6.6.40", SLOTS (activate) },
  [0x71] = { "CONTACTLESS STATE CHANGED", "TS 102 223 §6.6.41", SLOTS (contactless_state_changed) },
  [0x72] = { "COMMAND CONTAINER", "TS 102 223 §6.6.42", SLOTS (command_container) },
  [0x73]
  = { "ENCAPSULATED SESSION CONTROL", "TS 102 223 §6.6.43", SLOTS (encapsulated_session_control) },
};

const EaCatLayout *
ea_cat_get_command_layout (guint8 type)
{
  return type < G_N_ELEMENTS (commands) && commands[type].name != NULL ? &commands[type] : NULL;
}

const char *
ea_cat_get_command_name (guint8 type)
{
  const EaCatLayout *layout = ea_cat_get_command_layout (type);

  return layout != NULL ? layout->name : "unknown command";
}

gboolean
ea_cat_is_known_command (guint8 type)
{
  return ea_cat_get_command_layout (type) != NULL;
}

/* TS 102 223 §8.6: the bits of the qualifier under @mask */
static const struct
{
  guint8 type;
  guint8 mask;
  guint8 value;
  const char *name;
} qualifiers[] = {
  { 0x10, 0xFF, 0x00, "set up call, but only if not currently busy on another call" },
  { 0x10, 0xFF, 0x01, "set up call, but only if not currently busy on another call, with redial" },
  { 0x10, 0xFF, 0x02, "set up call, putting all other calls on hold" },
  { 0x10, 0xFF, 0x03, "set up call, putting all other calls on hold, with redial" },
  { 0x10, 0xFF, 0x04, "set up call, disconnecting all other calls" },
  { 0x10, 0xFF, 0x05, "set up call, disconnecting all other calls, with redial" },
  { 0x13, 0x01, 0x00, "packing not required" },
  { 0x13, 0x01, 0x01, "SMS packing by the terminal required" },
  { 0x15, 0xFF, 0x00, "launch browser, if not already launched" },
  { 0x15, 0xFF, 0x02, "use the existing browser, but not a secured session" },
  { 0x15, 0xFF, 0x03, "close the existing browser session and launch a new one" },
  { 0x33, 0xFF, 0x00, "card reader status" },
  { 0x33, 0xFF, 0x01, "card reader identifier" },
  { 0x35, 0xFF, 0x00, "non-specific language notification" },
  { 0x35, 0xFF, 0x01, "specific language notification" },
  { 0x43, 0x01, 0x00, "store data in Tx buffer" },
  { 0x43, 0x01, 0x01, "send data immediately" },
};

const char *
ea_cat_get_qualifier_name (guint8 type, guint8 qualifier)
{
  if (type == EA_CAT_TYPE_REFRESH)
    return ea_cat_get_name (EA_CAT_NAMES_REFRESH, qualifier);
  if (type == EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION)
    return ea_cat_get_name (EA_CAT_NAMES_PROVIDE_LOCAL_INFORMATION, qualifier);
  if (type == EA_CAT_TYPE_TIMER_MANAGEMENT)
    return ea_cat_get_name (EA_CAT_NAMES_TIMER_MANAGEMENT, qualifier & TIMER_MANAGEMENT_MASK);
  for (gsize i = 0; i < G_N_ELEMENTS (qualifiers); i++)
    if (qualifiers[i].type == type && (qualifier & qualifiers[i].mask) == qualifiers[i].value)
      return qualifiers[i].name;
  return NULL;
}

gboolean
ea_cat_command_find_object (const EaCatCommand *command, EaCatTag tag, EaCatRole role,
                            EaCatObject *out)
{
  const EaCatLayout *layout = ea_cat_get_command_layout (command->type);
  EaCatObject object;
  EaCatWalk walk;

  if (layout == NULL || !ea_cat_layout_has_slot (layout, tag, role))
    return FALSE;
  ea_cat_walk_init (&walk, layout, command->objects);
  while (ea_cat_walk_next (&walk, &object))
    if (object.slot != NULL && object.slot->tag == tag && object.slot->role == role)
      {
        *out = object;
        return TRUE;
      }
  return FALSE;
}

gboolean
ea_cat_command_find (const EaCatCommand *command, EaCatTag tag, EaCatRole role, EaSpan *out)
{
  EaCatObject object;

  if (!ea_cat_command_find_object (command, tag, role, &object))
    return FALSE;
  *out = object.tlv.value;
  return TRUE;
}

EaSpan
ea_cat_command_get (const EaCatCommand *command, EaCatTag tag, EaCatRole role)
{
  EaSpan value = EA_SPAN_EMPTY;

  (void) ea_cat_command_find (command, tag, role, &value); /* it may be absent */
  return value;
}

/* §6.5.4: an icon goes with an alpha identifier or a text, which must not be empty: a text string has a data
 * coding scheme before its text. */
static gboolean
check_icon (const EaCatCommand *command, EaCatRole role, GError **error)
{
  const char *name = ea_cat_get_command_name (command->type);
  EaCatObject icon;
  EaSpan text;

  if (!ea_cat_command_find_object (command, EA_CAT_TAG_ICON_IDENTIFIER, role, &icon))
    return TRUE;
  if (!ea_cat_command_find (command, EA_CAT_TAG_ALPHA_IDENTIFIER, role, &text))
    text = ea_span_tail (ea_cat_command_get (command, EA_CAT_TAG_TEXT_STRING, role), 1);
  if (text.size > 0)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, icon.tlv.object.data,
                            "%s has an icon, but no text that it goes with", name);
}

/* §6.6.7: one item of no bytes removes the menu; beside others it says nothing. */
static gboolean
check_items (const EaCatCommand *command, GError **error)
{
  const EaCatLayout *layout = ea_cat_get_command_layout (command->type);
  gboolean has_null = FALSE;
  EaCatObject object;
  EaCatWalk walk;
  guint n_items = 0;

  if (!ea_cat_layout_has_slot (layout, EA_CAT_TAG_ITEM, EA_CAT_ROLE_LIST))
    return TRUE;
  ea_cat_walk_init (&walk, layout, command->objects);
  while (ea_cat_walk_next (&walk, &object))
    if (object.tag == EA_CAT_TAG_ITEM)
      {
        n_items++;
        has_null = has_null || object.tlv.value.size == 0;
      }
  if (!has_null || n_items == 1)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, command->objects.data,
                            "%s has %u items, of which one has no value",
                            ea_cat_get_command_name (command->type), n_items);
}

/* Commands that need one of two objects. */
static gboolean
check_alternatives (const EaCatCommand *command, EaCatTag first, EaCatTag second, GError **error)
{
  EaSpan value;

  if (ea_cat_command_find (command, first, EA_CAT_ROLE_ONLY, &value)
      || ea_cat_command_find (command, second, EA_CAT_ROLE_ONLY, &value))
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MISSING, ea_span_end (command->objects),
                            "%s has no %s", ea_cat_get_command_name (command->type),
                            ea_cat_get_tag_name ((guint32) first));
}

/* (nullable): the second octet of the command details; %NULL for a command that was not parsed. */
static const guint8 *
get_type_position (const EaCatCommand *command)
{
  return ea_span_tail (command->details, 1).data;
}

gboolean
ea_cat_check_command (const EaCatCommand *command, gboolean *is_partial, GError **error)
{
  const EaCatLayout *layout = ea_cat_get_command_layout (command->type);
  gboolean has_unknown = FALSE;

  if (layout == NULL)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, get_type_position (command),
                              "Type of command %02X is not known", command->type);
  if (!ea_cat_layout_check (layout, command->objects, &has_unknown, error)
      || !check_icon (command, EA_CAT_ROLE_ONLY, error)
      || !check_icon (command, EA_CAT_ROLE_CALL_SET_UP, error) || !check_items (command, error))
    return FALSE;
  if (command->type == EA_CAT_TYPE_SET_UP_CALL
      && !check_alternatives (command, EA_CAT_TAG_ADDRESS, EA_CAT_TAG_IMS_URI, error))
    return FALSE;
  if (command->type == EA_CAT_TYPE_SEND_SHORT_MESSAGE
      && !check_alternatives (command, EA_CAT_TAG_SMS_TPDU, EA_CAT_TAG_CDMA_SMS_TPDU, error))
    return FALSE;
  *is_partial = has_unknown;
  return TRUE;
}

gboolean
ea_cat_check_command_is (const EaCatCommand *command, guint8 type, GError **error)
{
  gboolean is_partial;

  if (command->type != type)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, get_type_position (command),
                              "Command is %s (%02X), not %s (%02X)",
                              ea_cat_get_command_name (command->type), command->type,
                              ea_cat_get_command_name (type), type);
  return ea_cat_check_command (command, &is_partial, error);
}

GBytes *
ea_cat_build_command (const EaCatCommand *command)
{
  const EaCatCommandDetails details = { command->number, command->type, command->qualifier };
  const EaCatDeviceIdentities devices = { command->source, command->destination };
  gboolean style = command->has_comprehension_tags;
  g_auto (EaWriter) value = { 0 };
  g_auto (EaWriter) body = { 0 };
  EaWriter writer;

  ea_writer_init (&value);
  ea_cat_write_command_details (&value, &details);
  ea_writer_init (&body);
  ea_cat_write_object (&body, EA_CAT_TAG_COMMAND_DETAILS, style, ea_writer_span (&value));
  ea_writer_reset (&value);
  ea_cat_write_device_identities (&value, &devices);
  ea_cat_write_object (&body, EA_CAT_TAG_DEVICE_IDENTITIES, command->has_comprehension_devices,
                       ea_writer_span (&value));
  ea_writer_bytes (&body, command->objects);

  ea_writer_init (&writer);
  ea_tlv_write_ber (&writer, EA_CAT_BER_TAG_PROACTIVE_COMMAND, ea_writer_span (&body));
  return ea_writer_steal (&writer);
}
