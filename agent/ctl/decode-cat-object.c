/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Data objects of the toolkit, as the microscope shows them: one row for each object of core/cat-object.h
 * with its key and the function that adds its value.
 */

#include "ctl/decode-cat-object.h"

#include "core/cat-command.h"
#include "core/cat-name.h"
#include "core/cat-value.h"
#include "core/error.h"
#include "ctl/decode-cat-private.h"
#include "ctl/decode-part.h"

#define ICON_SELF_EXPLANATORY "self_explanatory"

void
ea_decode_place (EaView *view, guint32 tag, EaSpan value)
{
  const char *clause = ea_cat_get_tag_clause (tag);

  ea_view_at (view, value);
  if (clause != NULL)
    ea_view_cite (view, clause);
}

static gboolean
add_bytes (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  ea_view_add_bytes (view, key, value);
  return TRUE;
}

/* An object that says all by being there. */
static gboolean
add_presence (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  if (!ea_cat_check_size ((EaCatTag) row->tag, value, 0, 0, error))
    return FALSE;
  ea_view_add_boolean (view, key, TRUE);
  return TRUE;
}

static gboolean
add_octet (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  guint8 octet;

  if (!ea_cat_parse_octet (&octet, (EaCatTag) row->tag, value, error))
    return FALSE;
  ea_view_add_number (view, key, octet);
  return TRUE;
}

static gboolean
add_u16 (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  guint16 number;

  if (!ea_cat_parse_u16 (&number, (EaCatTag) row->tag, value, error))
    return FALSE;
  ea_view_add_number (view, key, number);
  return TRUE;
}

static gboolean
add_named (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  guint8 octet;

  if (!ea_cat_parse_octet (&octet, (EaCatTag) row->tag, value, error))
    return FALSE;
  ea_view_add_named (view, key, octet, ea_cat_get_name ((EaCatNames) row->parameter, octet));
  return TRUE;
}

static gboolean
add_named_list (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  ea_view_begin_list (view, key);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 octet = ea_reader_u8 (&reader);

      ea_view_add_named (view, NULL, octet, ea_cat_get_name ((EaCatNames) row->parameter, octet));
    }
  ea_view_end_list (view);
  return TRUE;
}

/* One access technology, or those of several at a time: TS 102 223 §8.61. */
static gboolean
add_access_technology (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                       GError **error)
{
  return value.size == 1 ? add_named (view, row, key, value, error)
                         : add_named_list (view, row, "access_technologies", value, error);
}

static gboolean
add_next_actions (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  ea_view_begin_list (view, key);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 type = ea_reader_u8 (&reader);

      ea_view_add_named (view, NULL, type,
                         ea_cat_is_known_command (type) ? ea_cat_get_command_name (type) : NULL);
    }
  ea_view_end_list (view);
  return TRUE;
}

static gboolean
add_command_details (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                     GError **error)
{
  EaCatCommandDetails details;

  if (!ea_cat_parse_command_details (&details, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "number", details.number);
  ea_view_add_named (view, "type", details.type,
                     ea_cat_is_known_command (details.type) ? ea_cat_get_command_name (details.type)
                                                            : NULL);
  ea_view_add_number (view, "qualifier", details.qualifier);
  ea_view_end_object (view);
  return TRUE;
}

static gboolean
add_device_identities (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                       GError **error)
{
  EaCatDeviceIdentities devices;

  if (!ea_cat_parse_device_identities (&devices, value, error))
    return FALSE;
  ea_decode_place (view, row->tag, ea_span_head (value, 1));
  ea_view_add_named (view, "source", devices.source,
                     ea_cat_get_name (EA_CAT_NAMES_DEVICE, devices.source));
  ea_decode_place (view, row->tag, ea_span_tail (value, 1));
  ea_view_add_named (view, "destination", devices.destination,
                     ea_cat_get_name (EA_CAT_NAMES_DEVICE, devices.destination));
  return TRUE;
}

static gboolean
add_result (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaCatResultValue result;
  const char *name;

  if (!ea_cat_parse_result (&result, value, error))
    return FALSE;
  name = ea_cat_get_name (EA_CAT_NAMES_RESULT, result.general);
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "code", result.general);
  if (name != NULL)
    ea_view_add_string (view, "name", name);
  if (result.additional.size > 0)
    ea_view_add_bytes_here (view, "additional", result.additional);
  ea_view_end_object (view);
  return TRUE;
}

static gboolean
add_duration (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaCatDuration duration;
  const char *unit;

  if (!ea_cat_parse_duration (&duration, value, error))
    return FALSE;
  unit = ea_cat_get_name (EA_CAT_NAMES_DURATION_UNIT, duration.unit);
  ea_view_begin_object (view, key);
  ea_view_add_string (view, "unit", unit != NULL ? unit : "reserved");
  ea_view_add_number (view, "value", duration.interval);
  ea_view_end_object (view);
  return TRUE;
}

static gboolean
add_response_length (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                     GError **error)
{
  EaCatResponseLength length;

  if (!ea_cat_parse_response_length (&length, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "minimum", length.minimum);
  ea_view_add_number (view, "maximum", length.maximum);
  ea_view_end_object (view);
  return TRUE;
}

static gboolean
add_files (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaCatFileList list;
  EaReader reader;
  EaSpan path;

  if (!ea_cat_parse_file_list (&list, value, error))
    return FALSE;
  ea_reader_init (&reader, list.paths);
  ea_view_begin_list (view, key);
  while (ea_cat_file_list_next (&reader, &path))
    ea_view_add_bytes_here (view, NULL, path);
  ea_view_end_list (view);
  return TRUE;
}

static gboolean
add_icon (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaCatIcon icon;
  EaReader reader;

  if (!ea_cat_parse_icon_identifier (&icon, value, error))
    return FALSE;
  ea_reader_init (&reader, icon.identifiers);
  ea_view_begin_object (view, key);
  ea_view_add_boolean (view, ICON_SELF_EXPLANATORY,
                       (icon.qualifier & EA_CAT_ICON_NOT_SELF_EXPLANATORY) == 0);
  ea_view_add_number (view, "identifier", ea_reader_u8 (&reader));
  ea_view_end_object (view);
  return TRUE;
}

static gboolean
add_item_icons (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaCatIcon icon;
  EaReader reader;

  if (!ea_cat_parse_item_icon_identifier_list (&icon, value, error))
    return FALSE;
  ea_reader_init (&reader, icon.identifiers);
  ea_view_begin_object (view, key);
  ea_view_add_boolean (view, ICON_SELF_EXPLANATORY,
                       (icon.qualifier & EA_CAT_ICON_NOT_SELF_EXPLANATORY) == 0);
  ea_view_begin_list (view, "identifiers");
  while (ea_reader_remaining (&reader) > 0)
    ea_view_add_number (view, NULL, ea_reader_u8 (&reader));
  ea_view_end_list (view);
  ea_view_end_object (view);
  return TRUE;
}

static gboolean
add_cause (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaCatCause cause;

  if (!ea_cat_parse_cause (&cause, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  if (cause.is_radio_link_timeout)
    ea_view_add_boolean (view, "radio_link_timeout", TRUE);
  else
    {
      ea_view_add_number (view, "location", cause.location);
      ea_view_add_named (view, "cause", cause.value,
                         ea_cat_get_name (EA_CAT_NAMES_CALL_CAUSE, cause.value));
    }
  if (cause.diagnostics.size > 0)
    ea_view_add_bytes_here (view, "diagnostics", cause.diagnostics);
  ea_view_end_object (view);
  return TRUE;
}

static gboolean
add_display (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaCatDisplayParameters parameters;

  if (!ea_cat_parse_display_parameters (&parameters, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "height", parameters.height);
  ea_view_add_number (view, "width", parameters.width);
  ea_view_add_number (view, "effects", parameters.effects);
  ea_view_end_object (view);
  return TRUE;
}

/* What a local bearer or a coding of addresses defines, TS 102 223 §8.63 to §8.68. */
static gboolean
add_kind_and_data (EaView *view, const EaCatRow *row, const char *key, EaSpan value, GError **error)
{
  EaCatKindAndData object;

  if (!ea_cat_parse_kind_and_data (&object, row->tag, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_named (view, row->parameter == EA_CAT_NAMES_LOCAL_BEARER ? "bearer" : "coding",
                     object.kind, ea_cat_get_name ((EaCatNames) row->parameter, object.kind));
  ea_view_add_bytes_here (view, "data", object.data);
  ea_view_end_object (view);
  return TRUE;
}

static const EaCatRow rows[] = {
  { EA_CAT_TAG_COMMAND_DETAILS, "command_details", add_command_details, 0 },
  { EA_CAT_TAG_DEVICE_IDENTITIES, "devices", add_device_identities, 0 },
  { EA_CAT_TAG_RESULT, "result", add_result, 0 },
  { EA_CAT_TAG_DURATION, "duration", add_duration, 0 },
  { EA_CAT_TAG_ALPHA_IDENTIFIER, "alpha", ea_decode_add_alpha, 0 },
  { EA_CAT_TAG_ADDRESS, "address", ea_decode_add_number, 0 },
  { EA_CAT_TAG_CAPABILITY_CONFIGURATION_PARAMETERS, "capability_configuration", add_bytes, 0 },
  { EA_CAT_TAG_SUBADDRESS, "subaddress", add_bytes, 0 },
  { EA_CAT_TAG_SS_STRING, "ss_string", ea_decode_add_number, 0 },
  { EA_CAT_TAG_BSSID, "bssid", add_bytes, 0 },
  { EA_CAT_TAG_PLMN_ID, "plmn", ea_decode_add_plmn_list, 0 },
  { EA_CAT_TAG_USSD_STRING, "ussd_string", ea_decode_add_ussd, 0 },
  { EA_CAT_TAG_IP_ADDRESS_LIST, "ip_address_list", add_bytes, 0 },
  { EA_CAT_TAG_HESSID, "hessid", add_bytes, 0 },
  { EA_CAT_TAG_SMS_TPDU, "tpdu", add_bytes, 0 },
  { EA_CAT_TAG_SURROUNDING_MACROCELLS, "surrounding_macrocells", add_bytes, 0 },
  { EA_CAT_TAG_PDP_PDN_PDU_TYPE, "pdp_pdn_pdu_type", add_octet, 0 },
  { EA_CAT_TAG_CELL_BROADCAST_PAGE, "page", add_bytes, 0 },
  { EA_CAT_TAG_TEXT_STRING, "text", ea_decode_add_text_string, 0 },
  { EA_CAT_TAG_TONE, "tone", add_named, EA_CAT_NAMES_TONE },
  { EA_CAT_TAG_ECAT_CLIENT_PROFILE, "ecat_client_profile", add_bytes, 0 },
  { EA_CAT_TAG_ITEM, "item", ea_decode_add_item, 0 },
  { EA_CAT_TAG_ECAT_CLIENT_IDENTITY, "ecat_client_identity", add_bytes, 0 },
  { EA_CAT_TAG_ITEM_IDENTIFIER, "item_identifier", add_octet, 0 },
  { EA_CAT_TAG_ENCAPSULATED_ENVELOPE_TYPE, "encapsulated_envelope_type", add_octet, 0 },
  { EA_CAT_TAG_RESPONSE_LENGTH, "response_length", add_response_length, 0 },
  { EA_CAT_TAG_CALL_CONTROL_RESULT, "call_control_result", add_octet, 0 },
  { EA_CAT_TAG_FILE_LIST, "files", add_files, 0 },
  { EA_CAT_TAG_CAT_SERVICE_LIST, "cat_service_list", add_bytes, 0 },
  { EA_CAT_TAG_LOCATION_INFORMATION, "location", ea_decode_add_location, 0 },
  { EA_CAT_TAG_IMEI, "imei", ea_decode_add_identity, 0 },
  { EA_CAT_TAG_HELP_REQUEST, "help_request", add_presence, 0 },
  { EA_CAT_TAG_NETWORK_MEASUREMENT_RESULTS, "network_measurement_results", add_bytes, 0 },
  { EA_CAT_TAG_DEFAULT_TEXT, "default_text", ea_decode_add_text_string, 0 },
  { EA_CAT_TAG_ITEMS_NEXT_ACTION_INDICATOR, "next_actions", add_next_actions, 0 },
  { EA_CAT_TAG_EVENT_LIST, "events", add_named_list, EA_CAT_NAMES_EVENT },
  { EA_CAT_TAG_CAUSE, "cause", add_cause, 0 },
  { EA_CAT_TAG_LOCATION_STATUS, "location_status", add_named, EA_CAT_NAMES_LOCATION_STATUS },
  { EA_CAT_TAG_TRANSACTION_IDENTIFIER, "transaction_identifier", add_octet, 0 },
  { EA_CAT_TAG_BCCH_CHANNEL_LIST, "bcch_channel_list", add_bytes, 0 },
  { EA_CAT_TAG_DATA_CONNECTION_STATUS, "data_connection_status", add_named,
    EA_CAT_NAMES_DATA_CONNECTION_STATUS },
  { EA_CAT_TAG_ICON_IDENTIFIER, "icon", add_icon, 0 },
  { EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, "item_icons", add_item_icons, 0 },
  { EA_CAT_TAG_CARD_READER_STATUS, "card_reader_status", add_bytes, 0 },
  { EA_CAT_TAG_CARD_ATR, "atr", add_bytes, 0 },
  { EA_CAT_TAG_ECAT_SEQUENCE_NUMBER, "ecat_sequence_number", add_bytes, 0 },
  { EA_CAT_TAG_C_APDU, "c_apdu", add_bytes, 0 },
  { EA_CAT_TAG_ENCRYPTED_TLV_LIST, "encrypted_tlv_list", add_bytes, 0 },
  { EA_CAT_TAG_R_APDU, "r_apdu", add_bytes, 0 },
  { EA_CAT_TAG_SA_TEMPLATE, "sa_template", add_bytes, 0 },
  { EA_CAT_TAG_TIMER_IDENTIFIER, "timer", add_octet, 0 },
  { EA_CAT_TAG_TIMER_VALUE, "value", ea_decode_add_timer_value, 0 },
  { EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, "date_time", ea_decode_add_date_time, 0 },
  { EA_CAT_TAG_CALL_CONTROL_REQUESTED_ACTION, "requested_action", add_bytes, 0 },
  { EA_CAT_TAG_AT_COMMAND, "at_command", ea_decode_add_characters, 0 },
  { EA_CAT_TAG_AT_RESPONSE, "at_response", ea_decode_add_characters, 0 },
  { EA_CAT_TAG_BC_REPEAT_INDICATOR, "bc_repeat_indicator", add_octet, 0 },
  { EA_CAT_TAG_DATA_CONNECTION_TYPE, "data_connection_type", add_named,
    EA_CAT_NAMES_DATA_CONNECTION_TYPE },
  { EA_CAT_TAG_IMMEDIATE_RESPONSE, "immediate_response", add_presence, 0 },
  { EA_CAT_TAG_DTMF_STRING, "dtmf", ea_decode_add_digits, 0 },
  { EA_CAT_TAG_LANGUAGE, "language", ea_decode_add_characters, 0 },
  { EA_CAT_TAG_TIMING_ADVANCE, "timing_advance", ea_decode_add_timing_advance, 0 },
  { EA_CAT_TAG_SM_CAUSE, "sm_cause", add_named, EA_CAT_NAMES_SESSION_CAUSE },
  { EA_CAT_TAG_AID, "aid", add_bytes, 0 },
  { EA_CAT_TAG_BROWSER_IDENTITY, "browser_identity", add_named, EA_CAT_NAMES_BROWSER_IDENTITY },
  { EA_CAT_TAG_URL, "url", ea_decode_add_characters, 0 },
  { EA_CAT_TAG_IMS_URI, "ims_uri", ea_decode_add_characters, 0 },
  { EA_CAT_TAG_BEARER, "bearers", add_named_list, EA_CAT_NAMES_BEARER },
  { EA_CAT_TAG_PROVISIONING_FILE_REFERENCE, "provisioning_file", add_bytes, 0 },
  { EA_CAT_TAG_BROWSER_TERMINATION_CAUSE, "browser_termination_cause", add_named,
    EA_CAT_NAMES_BROWSER_TERMINATION },
  { EA_CAT_TAG_SUPPORTED_RADIO_ACCESS_TECHNOLOGIES, "supported_radio_access_technologies",
    add_bytes, 0 },
  { EA_CAT_TAG_BEARER_DESCRIPTION, "bearer", ea_decode_add_bearer, 0 },
  { EA_CAT_TAG_CHANNEL_DATA, "data", add_bytes, 0 },
  { EA_CAT_TAG_CHANNEL_DATA_LENGTH, "length", add_octet, 0 },
  { EA_CAT_TAG_CHANNEL_STATUS, "channel_status", ea_decode_add_channel_status, 0 },
  { EA_CAT_TAG_BUFFER_SIZE, "buffer_size", add_u16, 0 },
  { EA_CAT_TAG_CARD_READER_IDENTIFIER, "card_reader_identifier", add_bytes, 0 },
  { EA_CAT_TAG_REFRESH_ENFORCEMENT_POLICY, "refresh_enforcement_policy", add_octet, 0 },
  { EA_CAT_TAG_FILE_UPDATE_INFORMATION, "file_update_information", add_bytes, 0 },
  { EA_CAT_TAG_APPLICATION_SPECIFIC_REFRESH_DATA, "application_specific_refresh_data", add_bytes,
    0 },
  { EA_CAT_TAG_TRANSPORT_LEVEL, "transport", ea_decode_add_transport, 0 },
  { EA_CAT_TAG_OTHER_ADDRESS, "address", ea_decode_add_ip_address, 0 },
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, "access_technology", add_access_technology,
    EA_CAT_NAMES_ACCESS_TECHNOLOGY },
  { EA_CAT_TAG_DISPLAY_PARAMETERS, "display_parameters", add_display, 0 },
  { EA_CAT_TAG_DNS_SERVER_ADDRESS, "dns_server", ea_decode_add_ip_address, 0 },
  { EA_CAT_TAG_SERVICE_RECORD, "service_record", add_kind_and_data, EA_CAT_NAMES_LOCAL_BEARER },
  { EA_CAT_TAG_DEVICE_FILTER, "device_filter", add_kind_and_data, EA_CAT_NAMES_LOCAL_BEARER },
  { EA_CAT_TAG_SERVICE_SEARCH, "service_search", add_kind_and_data, EA_CAT_NAMES_LOCAL_BEARER },
  { EA_CAT_TAG_ATTRIBUTE_INFORMATION, "attribute_information", add_kind_and_data,
    EA_CAT_NAMES_LOCAL_BEARER },
  { EA_CAT_TAG_SERVICE_AVAILABILITY, "service_availability", add_bytes, 0 },
  { EA_CAT_TAG_ESN, "esn", add_bytes, 0 },
  { EA_CAT_TAG_NETWORK_ACCESS_NAME, "apn", ea_decode_add_access_name, 0 },
  { EA_CAT_TAG_CDMA_SMS_TPDU, "cdma_sms_tpdu", add_bytes, 0 },
  { EA_CAT_TAG_REMOTE_ENTITY_ADDRESS, "remote_entity_address", add_kind_and_data,
    EA_CAT_NAMES_REMOTE_ENTITY_CODING },
  { EA_CAT_TAG_WLAN_IDENTIFIER, "wlan_identifier", add_bytes, 0 },
  { EA_CAT_TAG_WLAN_ACCESS_STATUS, "wlan_access_status", add_octet, 0 },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, "text_attribute", ea_decode_add_text_attributes, 0 },
  { EA_CAT_TAG_ITEM_TEXT_ATTRIBUTE_LIST, "item_text_attributes", ea_decode_add_text_attributes, 0 },
  { EA_CAT_TAG_PDP_CONTEXT_ACTIVATION_PARAMETERS, "pdp_context_activation_parameters", add_bytes,
    0 },
  { EA_CAT_TAG_CONTACTLESS_STATE_REQUEST, "contactless_state_request", add_octet, 0 },
  { EA_CAT_TAG_CONTACTLESS_FUNCTIONALITY_STATE, "contactless_functionality_state", add_named,
    EA_CAT_NAMES_CONTACTLESS_STATE },
  { EA_CAT_TAG_CSG_CELL_SELECTION_STATUS, "csg_cell_selection_status", add_bytes, 0 },
  { EA_CAT_TAG_IMS_CALL_DISCONNECTION_CAUSE, "ims_call_disconnection_cause", add_bytes, 0 },
  { EA_CAT_TAG_CSG_ID, "csg_id", add_bytes, 0 },
  { EA_CAT_TAG_HNB_NAME, "hnb_name", add_bytes, 0 },
  { EA_CAT_TAG_EXTENDED_REJECTION_CAUSE_CODE, "extended_rejection_cause", add_bytes, 0 },
  { EA_CAT_TAG_MAC, "mac", add_bytes, 0 },
  { EA_CAT_TAG_EMERGENCY_CALL_OBJECT, "emergency_call_object", add_bytes, 0 },
  { EA_CAT_TAG_IMEISV, "imeisv", ea_decode_add_identity, 0 },
  { EA_CAT_TAG_BATTERY_STATE, "battery_state", add_named, EA_CAT_NAMES_BATTERY_STATE },
  { EA_CAT_TAG_BROWSING_STATUS, "browsing_status", add_bytes, 0 },
  { EA_CAT_TAG_NETWORK_SEARCH_MODE, "network_search_mode", add_named,
    EA_CAT_NAMES_NETWORK_SEARCH_MODE },
  { EA_CAT_TAG_FRAME_LAYOUT, "frame_layout", add_bytes, 0 },
  { EA_CAT_TAG_FRAMES_INFORMATION, "frames_information", add_bytes, 0 },
  { EA_CAT_TAG_PROFILE_ID, "profile_id", add_bytes, 0 },
  { EA_CAT_TAG_FRAME_IDENTIFIER, "frame_identifier", add_octet, 0 },
  { EA_CAT_TAG_MEASUREMENT_QUALIFIER, "measurement_qualifier", add_named,
    EA_CAT_NAMES_MEASUREMENT_QUALIFIER },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_REFERENCE, "multimedia_message_reference", add_bytes, 0 },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_IDENTIFIER, "multimedia_message_identifier", add_bytes, 0 },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_TRANSFER_STATUS, "multimedia_message_transfer_status", add_bytes,
    0 },
  { EA_CAT_TAG_MEID, "meid", add_bytes, 0 },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_CONTENT_IDENTIFIER, "multimedia_message_content_identifier",
    add_bytes, 0 },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_NOTIFICATION, "multimedia_message_notification", add_bytes, 0 },
  { EA_CAT_TAG_LAST_ENVELOPE, "last_envelope", add_presence, 0 },
  { EA_CAT_TAG_REGISTRY_APPLICATION_DATA, "registry_application_data", add_bytes, 0 },
  { EA_CAT_TAG_PLMN_WITH_ACCESS_TECHNOLOGY_LIST, "plmns_with_access_technology",
    ea_decode_add_plmn_access_list, 0 },
  { EA_CAT_TAG_ROUTING_AREA_INFORMATION, "routing_area", ea_decode_add_routing_area, 0 },
  { EA_CAT_TAG_URI_TRUNCATED, "uri_truncated", add_presence, 0 },
  { EA_CAT_TAG_UPDATE_ATTACH_TYPE, "update_attach_type", add_named,
    EA_CAT_NAMES_UPDATE_ATTACH_TYPE },
  { EA_CAT_TAG_PROSE_REPORT_DATA, "prose_report_data", add_bytes, 0 },
  { EA_CAT_TAG_REJECTION_CAUSE_CODE, "rejection_cause", add_octet, 0 },
  { EA_CAT_TAG_GEOGRAPHICAL_LOCATION_PARAMETERS, "geographical_location_parameters",
    ea_decode_add_location_parameters, 0 },
  { EA_CAT_TAG_IARI, "iari", ea_decode_add_characters, 0 },
  { EA_CAT_TAG_GAD_SHAPES, "gad_shapes", add_bytes, 0 },
  { EA_CAT_TAG_IMPU_LIST, "impu_list", add_bytes, 0 },
  { EA_CAT_TAG_NMEA_SENTENCE, "nmea_sentence", ea_decode_add_characters, 0 },
  { EA_CAT_TAG_IMS_STATUS_CODE, "ims_status_code", ea_decode_add_characters, 0 },
  { EA_CAT_TAG_PLMN_LIST, "plmns", ea_decode_add_plmn_list, 0 },
  { EA_CAT_TAG_BROADCAST_NETWORK_INFORMATION, "broadcast_network_information", add_bytes, 0 },
  { EA_CAT_TAG_ACTIVATE_DESCRIPTOR, "activate_descriptor", add_octet, 0 },
  { EA_CAT_TAG_EPS_PDN_CONNECTION_ACTIVATION_PARAMETERS, "eps_pdn_connection_activation_parameters",
    add_bytes, 0 },
  { EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, "tracking_area", ea_decode_add_tracking_area, 0 },
  { EA_CAT_TAG_CSG_ID_LIST, "csg_id_list", add_bytes, 0 },
  { EA_CAT_TAG_MEDIA_TYPE, "media_type", add_octet, 0 },
};

static const EaCatRow *
find_row (guint32 tag)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].tag == tag)
      return &rows[i];
  return NULL;
}

/* Without a message that tells which of two objects a tag means, their sizes do for some. */
static guint32
guess_tag (const EaTlv *object)
{
  if (object->tag == EA_CAT_TAG_DISPLAY_PARAMETERS && object->value.size > 3)
    return EA_CAT_TAG_DNS_SERVER_ADDRESS;
  if (object->tag == EA_CAT_TAG_TIMING_ADVANCE && object->value.size == 1)
    return EA_CAT_TAG_SM_CAUSE;
  if (object->tag == EA_CAT_TAG_CSG_ID_LIST && object->value.size == 1)
    return EA_CAT_TAG_MEDIA_TYPE;
  if (object->tag == EA_CAT_TAG_BCCH_CHANNEL_LIST && object->value.size == 1)
    return EA_CAT_TAG_DATA_CONNECTION_STATUS;
  return object->tag;
}

static void
add_raw (EaView *view, const char *key, const EaTlv *object)
{
  ea_view_begin_object (view, key);
  ea_decode_add_tag (view, object, TRUE);
  ea_view_add_bytes_here (view, "value", object->value);
  ea_view_end_object (view);
}

static gboolean
add_value (EaView *view, const EaCatRow *row, const char *key, const EaTlv *object, GError **error)
{
  ea_decode_place (view, row->tag, object->value);
  return row->add (view, row, key, object->value, error);
}

gboolean
ea_decode_add_cat_object (EaView *view, const EaTlv *object, const char *name, GError **error)
{
  const EaCatRow *row = find_row (guess_tag (object));

  if (row != NULL)
    return add_value (view, row, name != NULL ? name : row->key, object, error);
  add_raw (view, name != NULL ? name : "object", object);
  return TRUE;
}

gboolean
ea_decode_add_cat_member (EaView *view, const EaTlv *object, GError **error)
{
  const EaCatRow *row = find_row (object->tag);

  if (row != NULL)
    return add_value (view, row, NULL, object, error);
  add_raw (view, NULL, object);
  return TRUE;
}
