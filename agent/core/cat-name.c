/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names of values, TS 102 223 §8 and TS 31.111 §8, in the order of EaCatNames. Values that the standards
 * keep for later have none.
 */

#include "core/cat-name.h"

typedef struct
{
  guint8 value;
  const char *name;
} Name;

static const Name access_technology[] = {
  { 0x00, "GSM" },         { 0x01, "TIA/EIA-553" },   { 0x02, "TIA/EIA-136-270" },
  { 0x03, "UTRAN" },       { 0x04, "TETRA" },         { 0x05, "TIA/EIA-95-B" },
  { 0x06, "cdma2000 1x" }, { 0x07, "cdma2000 HRPD" }, { 0x08, "E-UTRAN" },
  { 0x09, "eHRPD" },       { 0x0A, "NG-RAN" },
};

static const Name address_family[] = {
  { 0x21, "IPv4" },
  { 0x57, "IPv6" },
};

static const Name battery_state[] = {
  { 0x00, "battery very low" }, { 0x01, "battery low" },  { 0x02, "battery average" },
  { 0x03, "battery good" },     { 0x04, "battery full" }, { 0xFF, "status not available" },
};

static const Name bearer[] = {
  { 0x00, "SMS" },
  { 0x01, "CSD" },
  { 0x02, "USSD" },
  { 0x03, "GPRS / UTRAN packet service / E-UTRAN" },
};

static const Name bearer_type[] = {
  { 0x01, "CSD" },
  { 0x02, "GPRS / UTRAN packet service / E-UTRAN" },
  { 0x03, "default bearer for requested transport layer" },
  { 0x04, "local link technology independent" },
  { 0x05, "Bluetooth" },
  { 0x06, "IrDA" },
  { 0x07, "RS232" },
  { 0x08, "cdma2000 packet data service" },
  { 0x09, "UTRAN packet service with extended parameters / HSDPA / E-UTRAN" },
  { 0x0A, "(I-)WLAN" },
  { 0x0B, "E-UTRAN / mapped UTRAN packet service" },
  { 0x0C, "NG-RAN" },
  { 0x10, "USB" },
};

static const Name bip_cause[] = {
  { 0x00, "no specific cause can be given" },
  { 0x01, "no channel available" },
  { 0x02, "channel closed" },
  { 0x03, "channel identifier not valid" },
  { 0x04, "requested buffer size not available" },
  { 0x05, "security error" },
  { 0x06, "requested UICC/terminal interface transport level not available" },
  { 0x07, "remote device is not reachable" },
  { 0x08, "service error" },
  { 0x09, "service identifier unknown" },
  { 0x10, "port not available" },
  { 0x11, "launch parameters missing or incorrect" },
  { 0x12, "application launch failed" },
};

static const Name broadcast_technology[] = {
  { 0x00, "DVB-H" }, { 0x01, "DVB-T" }, { 0x02, "DVB-SH" },  { 0x03, "T-DMB" },
  { 0x04, "FLO" },   { 0x05, "WiMAX" }, { 0x06, "DVB-NGH" }, { 0x07, "DVB-T2" },
};

static const Name browser_identity[] = {
  { 0x00, "default browser" }, { 0x01, "WML browser" },   { 0x02, "HTML browser" },
  { 0x03, "XHTML browser" },   { 0x04, "cHTML browser" },
};

static const Name browser_termination[] = {
  { 0x00, "user termination" },
  { 0x01, "error termination" },
};

static const Name call_cause[] = {
  { 0x01, "unassigned number" },
  { 0x03, "no route to destination" },
  { 0x06, "channel unacceptable" },
  { 0x08, "operator determined barring" },
  { 0x10, "normal call clearing" },
  { 0x11, "user busy" },
  { 0x12, "no user responding" },
  { 0x13, "user alerting, no answer" },
  { 0x15, "call rejected" },
  { 0x16, "number changed" },
  { 0x19, "pre-emption" },
  { 0x1A, "non selected user clearing" },
  { 0x1B, "destination out of order" },
  { 0x1C, "invalid number format" },
  { 0x1D, "facility rejected" },
  { 0x1E, "response to STATUS ENQUIRY" },
  { 0x1F, "normal, unspecified" },
  { 0x22, "no circuit/channel available" },
  { 0x26, "network out of order" },
  { 0x29, "temporary failure" },
  { 0x2A, "switching equipment congestion" },
  { 0x2B, "access information discarded" },
  { 0x2C, "requested circuit/channel not available" },
  { 0x2F, "resources unavailable, unspecified" },
  { 0x31, "quality of service unavailable" },
  { 0x32, "requested facility not subscribed" },
  { 0x37, "incoming calls barred within the CUG" },
  { 0x39, "bearer capability not authorized" },
  { 0x3A, "bearer capability not presently available" },
  { 0x3F, "service or option not available, unspecified" },
  { 0x41, "bearer service not implemented" },
  { 0x44, "ACM equal to or greater than ACMmax" },
  { 0x45, "requested facility not implemented" },
  { 0x46, "only restricted digital information bearer capability is available" },
  { 0x4F, "service or option not implemented, unspecified" },
  { 0x51, "invalid transaction identifier value" },
  { 0x57, "user not member of CUG" },
  { 0x58, "incompatible destination" },
  { 0x5B, "invalid transit network selection" },
  { 0x5F, "semantically incorrect message" },
  { 0x60, "invalid mandatory information" },
  { 0x61, "message type non-existent or not implemented" },
  { 0x62, "message type not compatible with protocol state" },
  { 0x63, "information element non-existent or not implemented" },
  { 0x64, "conditional IE error" },
  { 0x65, "message not compatible with protocol state" },
  { 0x66, "recovery on timer expiry" },
  { 0x6F, "protocol error, unspecified" },
  { 0x7F, "interworking, unspecified" },
};

static const Name call_control_cause[] = {
  { 0x00, "no specific cause can be given" },
  { 0x01, "action not allowed" },
  { 0x02, "the type of request has changed" },
};

static const Name channel_information[] = {
  { 0x00, "no further info can be given" },
  { 0x05, "link dropped" },
};

static const Name contactless_state[] = {
  { 0x00, "enabled" },
  { 0x01, "disabled" },
};

static const Name data_connection_status[] = {
  { 0x00, "successful" },
  { 0x01, "rejected" },
  { 0x02, "dropped or deactivated" },
};

static const Name data_connection_type[] = {
  { 0x00, "PDP" },
  { 0x01, "PDN" },
  { 0x02, "PDU" },
};

static const Name device[] = {
  { 0x01, "keypad" },
  { 0x02, "display" },
  { 0x03, "earpiece" },
  { 0x10, "additional card reader 0" },
  { 0x11, "additional card reader 1" },
  { 0x12, "additional card reader 2" },
  { 0x13, "additional card reader 3" },
  { 0x14, "additional card reader 4" },
  { 0x15, "additional card reader 5" },
  { 0x16, "additional card reader 6" },
  { 0x17, "additional card reader 7" },
  { 0x21, "channel 1" },
  { 0x22, "channel 2" },
  { 0x23, "channel 3" },
  { 0x24, "channel 4" },
  { 0x25, "channel 5" },
  { 0x26, "channel 6" },
  { 0x27, "channel 7" },
  { 0x31, "eCAT client 1" },
  { 0x32, "eCAT client 2" },
  { 0x33, "eCAT client 3" },
  { 0x34, "eCAT client 4" },
  { 0x35, "eCAT client 5" },
  { 0x36, "eCAT client 6" },
  { 0x37, "eCAT client 7" },
  { 0x38, "eCAT client 8" },
  { 0x39, "eCAT client 9" },
  { 0x3A, "eCAT client 10" },
  { 0x3B, "eCAT client 11" },
  { 0x3C, "eCAT client 12" },
  { 0x3D, "eCAT client 13" },
  { 0x3E, "eCAT client 14" },
  { 0x3F, "eCAT client 15" },
  { 0x81, "UICC" },
  { 0x82, "terminal" },
  { 0x83, "network" },
};

static const Name duration_unit[] = {
  { 0x00, "minutes" },
  { 0x01, "seconds" },
  { 0x02, "tenths of seconds" },
};

static const Name event[] = {
  { 0x00, "MT call" },
  { 0x01, "call connected" },
  { 0x02, "call disconnected" },
  { 0x03, "location status" },
  { 0x04, "user activity" },
  { 0x05, "idle screen available" },
  { 0x06, "card reader status" },
  { 0x07, "language selection" },
  { 0x08, "browser termination" },
  { 0x09, "data available" },
  { 0x0A, "channel status" },
  { 0x0B, "access technology change" },
  { 0x0C, "display parameters changed" },
  { 0x0D, "local connection" },
  { 0x0E, "network search mode change" },
  { 0x0F, "browsing status" },
  { 0x10, "frames information change" },
  { 0x11, "I-WLAN access status" },
  { 0x12, "network rejection" },
  { 0x13, "HCI connectivity event" },
  { 0x14, "access technology change (multiple access technologies)" },
  { 0x15, "CSG cell selection" },
  { 0x16, "contactless state request" },
  { 0x17, "IMS registration" },
  { 0x18, "incoming IMS data" },
  { 0x19, "profile container" },
  { 0x1B, "secured profile container" },
  { 0x1C, "poll interval negotiation" },
  { 0x1D, "data connection status change" },
};

static const Name frames_cause[] = {
  { 0x00, "no specific cause can be given" },
  { 0x01, "frame identifier is not valid" },
  { 0x02, "number of frames beyond the terminal's capabilities" },
  { 0x03, "no frame defined" },
  { 0x04, "requested size not supported" },
  { 0x05, "default active frame is not valid" },
};

static const Name frame_layout[] = {
  { 0x01, "horizontal" },
  { 0x02, "vertical" },
};

static const Name launch_browser_cause[] = {
  { 0x00, "no specific cause can be given" },
  { 0x01, "bearer unavailable" },
  { 0x02, "browser unavailable" },
  { 0x03, "terminal unable to read the provisioning data" },
  { 0x04, "default URL unavailable" },
};

static const Name local_bearer[] = {
  { 0x00, "technology independent" },
  { 0x01, "Bluetooth" },
  { 0x02, "IrDA" },
  { 0x03, "RS232" },
  { 0x04, "USB" },
};

static const Name location_status[] = {
  { 0x00, "normal service" },
  { 0x01, "limited service" },
  { 0x02, "no service" },
};

static const Name measurement_qualifier[] = {
  { 0x01, "UTRAN intra-frequency measurements" },
  { 0x02, "UTRAN inter-frequency measurements" },
  { 0x03, "UTRAN inter-RAT (GERAN) measurements" },
  { 0x04, "UTRAN inter-RAT (E-UTRAN) measurements" },
  { 0x05, "E-UTRAN intra-frequency measurements" },
  { 0x06, "E-UTRAN inter-frequency measurements" },
  { 0x07, "E-UTRAN inter-RAT (GERAN) measurements" },
  { 0x08, "E-UTRAN inter-RAT (UTRAN) measurements" },
  { 0x09, "E-UTRAN inter-RAT (NR) measurements" },
};

static const Name mobility_state[] = {
  { 0x00, "ME is in the idle state" },
  { 0x01, "ME is not in idle state" },
};

static const Name multiple_card_cause[] = {
  { 0x00, "no specific cause can be given" },
  { 0x01, "card reader removed or not present" },
  { 0x02, "card removed or not present" },
  { 0x03, "card reader busy" },
  { 0x04, "card powered off" },
  { 0x05, "C-APDU format error" },
  { 0x06, "mute card" },
  { 0x07, "transmission error" },
  { 0x08, "protocol not supported" },
  { 0x09, "specified reader not valid" },
};

static const Name network_search_mode[] = {
  { 0x00, "manual" },
  { 0x01, "automatic" },
};

static const Name pdp_type[] = {
  { 0x02, "IP" },
  { 0x07, "non-IP" },
};

static const Name provide_local_information[] = {
  { 0x00, "location information" },
  { 0x01, "IMEI of the terminal" },
  { 0x02, "network measurement results" },
  { 0x03, "date, time and time zone" },
  { 0x04, "language setting" },
  { 0x05, "timing advance" },
  { 0x06, "access technology" },
  { 0x07, "ESN of the terminal" },
  { 0x08, "IMEISV of the terminal" },
  { 0x09, "search mode" },
  { 0x0A, "charge state of the battery" },
  { 0x0B, "MEID of the terminal" },
  { 0x0C, "current WSID" },
  { 0x0D, "broadcast network information" },
  { 0x0E, "multiple access technologies" },
  { 0x0F, "location information for multiple access technologies" },
  { 0x10, "network measurement results for multiple access technologies" },
  { 0x11, "CSG ID list and corresponding HNB name" },
  { 0x12, "H(e)NB IP address" },
  { 0x13, "H(e)NB surrounding macrocells" },
  { 0x1A, "supported radio access technologies" },
};

static const Name refresh[] = {
  { 0x00, "NAA initialization and full file change notification" },
  { 0x01, "file change notification" },
  { 0x02, "NAA initialization and file change notification" },
  { 0x03, "NAA initialization" },
  { 0x04, "UICC reset" },
  { 0x05, "NAA application reset" },
  { 0x06, "NAA session reset" },
  { 0x07, "steering of roaming" },
  { 0x08, "steering of roaming for I-WLAN" },
  { 0x09, "eUICC profile state change" },
  { 0x0A, "application update" },
};

static const Name remote_entity_coding[] = {
  { 0x00, "IEEE-802 address (48 bits)" },
  { 0x01, "IrDA device address (32 bits)" },
};

static const Name result[] = {
  { 0x00, "command performed successfully" },
  { 0x01, "command performed with partial comprehension" },
  { 0x02, "command performed with missing information" },
  { 0x03, "REFRESH performed with additional EFs read" },
  { 0x04, "command performed successfully, but requested icon could not be displayed" },
  { 0x05, "command performed, but modified by call control by NAA" },
  { 0x06, "command performed successfully, limited service" },
  { 0x07, "command performed with modification" },
  { 0x08, "REFRESH performed but indicated NAA was not active" },
  { 0x09, "command performed successfully, tone not played" },
  { 0x10, "proactive UICC session terminated by the user" },
  { 0x11, "backward move in the proactive UICC session requested by the user" },
  { 0x12, "no response from user" },
  { 0x13, "help information required by the user" },
  { 0x14, "USSD or SS transaction terminated by the user" },
  { 0x20, "terminal currently unable to process command" },
  { 0x21, "network currently unable to process command" },
  { 0x22, "user did not accept the proactive command" },
  { 0x23, "user cleared down call before connection or network release" },
  { 0x24, "action in contradiction with the current timer state" },
  { 0x25, "interaction with call control by NAA, temporary problem" },
  { 0x26, "launch browser generic error" },
  { 0x27, "MMS temporary problem" },
  { 0x30, "command beyond terminal's capabilities" },
  { 0x31, "command type not understood by terminal" },
  { 0x32, "command data not understood by terminal" },
  { 0x33, "command number not known by terminal" },
  { 0x34, "SS return error" },
  { 0x35, "SMS RP-ERROR" },
  { 0x36, "error, required values are missing" },
  { 0x37, "USSD return error" },
  { 0x38, "multiple card commands error" },
  { 0x39, "interaction with call control by NAA, permanent problem" },
  { 0x3A, "bearer independent protocol error" },
  { 0x3B, "access technology unable to process command" },
  { 0x3C, "frames error" },
  { 0x3D, "MMS error" },
};

static const Name rp_cause[] = {
  { 0x01, "unassigned number" },
  { 0x08, "operator determined barring" },
  { 0x0A, "call barred" },
  { 0x15, "short message transfer rejected" },
  { 0x16, "memory capacity exceeded" },
  { 0x1B, "destination out of order" },
  { 0x1C, "unidentified subscriber" },
  { 0x1D, "facility rejected" },
  { 0x1E, "unknown subscriber" },
  { 0x26, "network out of order" },
  { 0x29, "temporary failure" },
  { 0x2A, "congestion" },
  { 0x2F, "resources unavailable, unspecified" },
  { 0x32, "requested facility not subscribed" },
  { 0x45, "requested facility not implemented" },
  { 0x51, "invalid short message transfer reference value" },
  { 0x5F, "semantically incorrect message" },
  { 0x60, "invalid mandatory information" },
  { 0x61, "message type non-existent or not implemented" },
  { 0x62, "message not compatible with short message protocol state" },
  { 0x63, "information element non-existent or not implemented" },
  { 0x6F, "protocol error, unspecified" },
  { 0x7F, "interworking, unspecified" },
};

static const Name session_cause[] = {
  { 0x08, "operator determined barring" },
  { 0x18, "MBMS bearer capabilities insufficient for the service" },
  { 0x19, "LLC or SNDCP failure" },
  { 0x1A, "insufficient resources" },
  { 0x1B, "missing or unknown APN" },
  { 0x1C, "unknown PDP address or PDP type" },
  { 0x1D, "user authentication failed" },
  { 0x1E, "activation rejected by gateway" },
  { 0x1F, "activation rejected, unspecified" },
  { 0x20, "service option not supported" },
  { 0x21, "requested service option not subscribed" },
  { 0x22, "service option temporarily out of order" },
  { 0x23, "NSAPI already used" },
  { 0x24, "regular deactivation" },
  { 0x25, "QoS not accepted" },
  { 0x26, "network failure" },
  { 0x27, "reactivation required" },
  { 0x28, "feature not supported" },
  { 0x29, "semantic error in the TFT operation" },
  { 0x2A, "syntactical error in the TFT operation" },
  { 0x2B, "unknown PDP context" },
  { 0x2C, "semantic errors in packet filters" },
  { 0x2D, "syntactical errors in packet filters" },
  { 0x2E, "PDP context without TFT already activated" },
  { 0x32, "PDP type IPv4 only allowed" },
  { 0x33, "PDP type IPv6 only allowed" },
  { 0x34, "single address bearers only allowed" },
  { 0x36, "PDN connection does not exist" },
  { 0x37, "multiple PDN connections for a given APN not allowed" },
  { 0x41, "maximum number of PDP contexts reached" },
  { 0x42, "requested APN not supported in current RAT and PLMN combination" },
  { 0x51, "invalid transaction identifier value" },
  { 0x5F, "semantically incorrect message" },
  { 0x60, "invalid mandatory information" },
  { 0x61, "message type non-existent or not implemented" },
  { 0x62, "message type not compatible with the protocol state" },
  { 0x63, "information element non-existent or not implemented" },
  { 0x64, "conditional IE error" },
  { 0x65, "message not compatible with the protocol state" },
  { 0x6F, "protocol error, unspecified" },
  { 0x70, "APN restriction value incompatible with active PDP context" },
};

static const Name terminal_cause[] = {
  { 0x00, "no specific cause can be given" },
  { 0x01, "screen is busy" },
  { 0x02, "terminal currently busy on call" },
  { 0x03, "ME currently busy on SS transaction" },
  { 0x04, "no service" },
  { 0x05, "access control class bar" },
  { 0x06, "radio resource not granted" },
  { 0x07, "not in speech call" },
  { 0x08, "ME currently busy on USSD transaction" },
  { 0x09, "terminal currently busy on SEND DTMF command" },
  { 0x0A, "no NAA active" },
};

static const Name timer_management[] = {
  { 0x00, "start" },
  { 0x01, "deactivate" },
  { 0x02, "get current value" },
};

static const Name tone[] = {
  { 0x01, "dial tone" },
  { 0x02, "called subscriber busy" },
  { 0x03, "congestion" },
  { 0x04, "radio path acknowledge" },
  { 0x05, "radio path not available / call dropped" },
  { 0x06, "error / special information" },
  { 0x07, "call waiting tone" },
  { 0x08, "ringing tone" },
  { 0x10, "general beep" },
  { 0x11, "positive acknowledgement tone" },
  { 0x12, "negative acknowledgement or error tone" },
  { 0x13, "ringing tone as selected by the user for incoming speech call" },
  { 0x14, "alert tone as selected by the user for incoming SMS" },
  { 0x15, "critical alert" },
  { 0x20, "vibrate only, if available" },
  { 0x30, "happy tone" },
  { 0x31, "sad tone" },
  { 0x32, "urgent action tone" },
  { 0x33, "question tone" },
  { 0x34, "message received tone" },
  { 0x40, "melody 1" },
  { 0x41, "melody 2" },
  { 0x42, "melody 3" },
  { 0x43, "melody 4" },
  { 0x44, "melody 5" },
  { 0x45, "melody 6" },
  { 0x46, "melody 7" },
  { 0x47, "melody 8" },
};

static const Name transport_protocol[] = {
  { 0x00, "port of CAT_TP (PUSH)" }, /* TS 102 226 §9 */
  { 0x01, "UDP, UICC in client mode, remote connection" },
  { 0x02, "TCP, UICC in client mode, remote connection" },
  { 0x03, "TCP, UICC in server mode" },
  { 0x04, "UDP, UICC in client mode, local connection" },
  { 0x05, "TCP, UICC in client mode, local connection" },
  { 0x06, "direct communication channel" },
};

static const Name update_attach_type[] = {
  { 0x00, "normal location updating" },
  { 0x01, "periodic updating" },
  { 0x02, "IMSI attach" },
  { 0x03, "GPRS attach" },
  { 0x04, "combined GPRS/IMSI attach" },
  { 0x05, "RA updating" },
  { 0x06, "combined RA/LA updating" },
  { 0x07, "combined RA/LA updating with IMSI attach" },
  { 0x08, "periodic updating of the routing area" },
  { 0x09, "EPS attach" },
  { 0x0A, "combined EPS/IMSI attach" },
  { 0x0B, "TA updating" },
  { 0x0C, "combined TA/LA updating" },
  { 0x0D, "combined TA/LA updating with IMSI attach" },
  { 0x0E, "periodic updating of the tracking area" },
  { 0x0F, "initial registration" },
  { 0x10, "mobility registration updating" },
  { 0x11, "periodic registration updating" },
};

#define NAMES(array)                                                                               \
  {                                                                                                \
    array, G_N_ELEMENTS (array)                                                                    \
  }

static const struct
{
  const Name *names;
  gsize n_names;
} tables[] = {
  [EA_CAT_NAMES_ACCESS_TECHNOLOGY] = NAMES (access_technology),
  [EA_CAT_NAMES_ADDRESS_FAMILY] = NAMES (address_family),
  [EA_CAT_NAMES_BATTERY_STATE] = NAMES (battery_state),
  [EA_CAT_NAMES_BEARER] = NAMES (bearer),
  [EA_CAT_NAMES_BEARER_TYPE] = NAMES (bearer_type),
  [EA_CAT_NAMES_BIP_CAUSE] = NAMES (bip_cause),
  [EA_CAT_NAMES_BROADCAST_TECHNOLOGY] = NAMES (broadcast_technology),
  [EA_CAT_NAMES_BROWSER_IDENTITY] = NAMES (browser_identity),
  [EA_CAT_NAMES_BROWSER_TERMINATION] = NAMES (browser_termination),
  [EA_CAT_NAMES_CALL_CAUSE] = NAMES (call_cause),
  [EA_CAT_NAMES_CALL_CONTROL_CAUSE] = NAMES (call_control_cause),
  [EA_CAT_NAMES_CHANNEL_INFORMATION] = NAMES (channel_information),
  [EA_CAT_NAMES_CONTACTLESS_STATE] = NAMES (contactless_state),
  [EA_CAT_NAMES_DATA_CONNECTION_STATUS] = NAMES (data_connection_status),
  [EA_CAT_NAMES_DATA_CONNECTION_TYPE] = NAMES (data_connection_type),
  [EA_CAT_NAMES_DEVICE] = NAMES (device),
  [EA_CAT_NAMES_DURATION_UNIT] = NAMES (duration_unit),
  [EA_CAT_NAMES_EVENT] = NAMES (event),
  [EA_CAT_NAMES_FRAMES_CAUSE] = NAMES (frames_cause),
  [EA_CAT_NAMES_FRAME_LAYOUT] = NAMES (frame_layout),
  [EA_CAT_NAMES_LAUNCH_BROWSER_CAUSE] = NAMES (launch_browser_cause),
  [EA_CAT_NAMES_LOCAL_BEARER] = NAMES (local_bearer),
  [EA_CAT_NAMES_LOCATION_STATUS] = NAMES (location_status),
  [EA_CAT_NAMES_MEASUREMENT_QUALIFIER] = NAMES (measurement_qualifier),
  [EA_CAT_NAMES_MOBILITY_STATE] = NAMES (mobility_state),
  [EA_CAT_NAMES_MULTIPLE_CARD_CAUSE] = NAMES (multiple_card_cause),
  [EA_CAT_NAMES_NETWORK_SEARCH_MODE] = NAMES (network_search_mode),
  [EA_CAT_NAMES_PDP_TYPE] = NAMES (pdp_type),
  [EA_CAT_NAMES_PROVIDE_LOCAL_INFORMATION] = NAMES (provide_local_information),
  [EA_CAT_NAMES_REFRESH] = NAMES (refresh),
  [EA_CAT_NAMES_REMOTE_ENTITY_CODING] = NAMES (remote_entity_coding),
  [EA_CAT_NAMES_RESULT] = NAMES (result),
  [EA_CAT_NAMES_RP_CAUSE] = NAMES (rp_cause),
  [EA_CAT_NAMES_SESSION_CAUSE] = NAMES (session_cause),
  [EA_CAT_NAMES_TERMINAL_CAUSE] = NAMES (terminal_cause),
  [EA_CAT_NAMES_TIMER_MANAGEMENT] = NAMES (timer_management),
  [EA_CAT_NAMES_TONE] = NAMES (tone),
  [EA_CAT_NAMES_TRANSPORT_PROTOCOL] = NAMES (transport_protocol),
  [EA_CAT_NAMES_UPDATE_ATTACH_TYPE] = NAMES (update_attach_type),
};

const char *
ea_cat_get_name (EaCatNames names, guint8 value)
{
  for (gsize i = 0; i < tables[names].n_names; i++)
    if (tables[names].names[i].value == value)
      return tables[names].names[i].name;
  return NULL;
}
