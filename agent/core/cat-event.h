/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/cat-bearer.h"
#include "core/cat-object.h"

/*
 * EVENT DOWNLOAD (ETSI TS 102 223 §7.5, 3GPP TS 31.111 §7.5): the events, and the envelopes of those that a
 * terminal without screen and calls can have. Every envelope is (transfer full) and the data of one
 * ENVELOPE command, D6…; read them with ea_cat_parse_envelope(). Builders with a GError are (nullable), the
 * others always succeed.
 */

/* TS 102 223 §8.25, TS 31.111 §8.25. */
typedef enum
{
  EA_CAT_EVENT_MT_CALL = 0x00,
  EA_CAT_EVENT_CALL_CONNECTED = 0x01,
  EA_CAT_EVENT_CALL_DISCONNECTED = 0x02,
  EA_CAT_EVENT_LOCATION_STATUS = 0x03,
  EA_CAT_EVENT_USER_ACTIVITY = 0x04,
  EA_CAT_EVENT_IDLE_SCREEN_AVAILABLE = 0x05,
  EA_CAT_EVENT_CARD_READER_STATUS = 0x06,
  EA_CAT_EVENT_LANGUAGE_SELECTION = 0x07,
  EA_CAT_EVENT_BROWSER_TERMINATION = 0x08,
  EA_CAT_EVENT_DATA_AVAILABLE = 0x09,
  EA_CAT_EVENT_CHANNEL_STATUS = 0x0A,
  EA_CAT_EVENT_ACCESS_TECHNOLOGY_CHANGE = 0x0B, /* to one technology */
  EA_CAT_EVENT_DISPLAY_PARAMETERS_CHANGED = 0x0C,
  EA_CAT_EVENT_LOCAL_CONNECTION = 0x0D,
  EA_CAT_EVENT_NETWORK_SEARCH_MODE_CHANGE = 0x0E,
  EA_CAT_EVENT_BROWSING_STATUS = 0x0F,
  EA_CAT_EVENT_FRAMES_INFORMATION_CHANGED = 0x10,
  EA_CAT_EVENT_I_WLAN_ACCESS_STATUS = 0x11,
  EA_CAT_EVENT_NETWORK_REJECTION = 0x12,
  EA_CAT_EVENT_HCI_CONNECTIVITY = 0x13,
  EA_CAT_EVENT_ACCESS_TECHNOLOGIES_CHANGE = 0x14, /* to several technologies */
  EA_CAT_EVENT_CSG_CELL_SELECTION = 0x15,
  EA_CAT_EVENT_CONTACTLESS_STATE_REQUEST = 0x16,
  EA_CAT_EVENT_IMS_REGISTRATION = 0x17,
  EA_CAT_EVENT_INCOMING_IMS_DATA = 0x18,
  EA_CAT_EVENT_PROFILE_CONTAINER = 0x19,
  EA_CAT_EVENT_SECURED_PROFILE_CONTAINER = 0x1B,
  EA_CAT_EVENT_POLL_INTERVAL_NEGOTIATION = 0x1C,
  EA_CAT_EVENT_DATA_CONNECTION_STATUS_CHANGE = 0x1D,
} EaCatEvent;

#define EA_CAT_CHANNEL_DATA_LENGTH_MAX 255 /* TS 102 223 §8.54: this or more */
#define EA_CAT_ACCESS_TECHNOLOGIES_MAX                                                             \
  127 /* TS 102 223 §8.61 has fewer; the length stays one octet */

/* An event that says nothing but itself: user activity, idle screen available, HCI connectivity. Errors:
 * EA_CORE_ERROR_MISSING (an event that must have objects). */
GBytes *ea_cat_build_plain_event (EaCatEvent event, GError **error);

/* Location status, TS 102 223 §8.27. */
typedef enum
{
  EA_CAT_SERVICE_NORMAL,
  EA_CAT_SERVICE_LIMITED,
  EA_CAT_SERVICE_NONE,
} EaCatService;

/* @location: as ea_cat_parse_location_information() takes it, 5 to 11 bytes; empty leaves it out, as it must
 * be without normal service (§7.5.4). Errors: EA_CORE_ERROR_MALFORMED (another size). */
GBytes *ea_cat_build_location_status (EaCatService service, EaSpan location, GError **error);

/**
 * ea_cat_build_data_available:
 * @status: of the channel that has data
 * @n_bytes: in the receive buffer; 255 is said for more as well
 */
GBytes *ea_cat_build_data_available (const EaCatChannelStatus *status, gsize n_bytes);

/* @status: of the channel after the change. */
GBytes *ea_cat_build_channel_status_event (const EaCatChannelStatus *status);

/* @technologies: of TS 102 223 §8.61, one octet each; more than one makes the other event of the two. Errors:
 * EA_CORE_ERROR_MALFORMED (none, or over %EA_CAT_ACCESS_TECHNOLOGIES_MAX). */
GBytes *ea_cat_build_access_technology_change (EaSpan technologies, GError **error);

/**
 * EaCatNetworkRejection:
 * @area_tag: what @area is: location information, routing area information or tracking area identification
 * @area: borrowed; as the parser of that object takes it: 5, 7, 9 or 11 bytes, 6, or 5 or 6
 * @access_technology: TS 102 223 §8.61
 * @update_attach_type: TS 31.111 §8.92
 * @cause: of the network: MM, GMM or EMM (TS 31.111 §8.93)
 */
typedef struct
{
  EaCatTag area_tag;
  EaSpan area;
  guint8 access_technology;
  guint8 update_attach_type;
  guint8 cause;
} EaCatNetworkRejection;

/* TS 31.111 §7.5.18: the only event of these that comes from the network. Errors: EA_CORE_ERROR_MALFORMED (an
 * area of another size), _UNSUPPORTED (another @area_tag). */
GBytes *ea_cat_build_network_rejection (const EaCatNetworkRejection *rejection, GError **error);
