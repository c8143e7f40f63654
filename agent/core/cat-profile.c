/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TERMINAL PROFILE of TS 102 223 §5.2, with the bits that TS 31.111 §5.2 fills in. Bits that both leave
 * reserved are kept as bits without a name. Bytes 34 to 39 are younger than the independent decoder that
 * checks the others (tests/independent).
 */

#include "core/cat-profile.h"

#include "core/error.h"

#define BITS_PER_BYTE 8
#define FACILITIES_PER_BYTE 10 /* how EA_CAT_FACILITY counts */

/* Row N - 1 has the bits 1 to 8 of byte N. What is not named is reserved or part of a number. */
static const char *const facility_names[EA_CAT_PROFILE_NAMED_BYTES][BITS_PER_BYTE] = {
  { "Profile download", "SMS-PP data download", "Cell Broadcast data download", "Menu selection",
    "SMS-PP data download is supported", "Timer expiration",
    "USSD string data object in Call Control", "Call Control is supported" },
  { "Command result", "Call Control by NAA", "Call Control by NAA (cell identity)",
    "MO short message control", "Call Control by NAA (alpha identifier)", "UCS2 entry",
    "UCS2 display", "Display of the extension text" },
  { "DISPLAY TEXT", "GET INKEY", "GET INPUT", "MORE TIME", "PLAY TONE", "POLL INTERVAL",
    "POLLING OFF", "REFRESH" },
  { "SELECT ITEM", "SEND SHORT MESSAGE", "SEND SS", "SEND USSD", "SET UP CALL", "SET UP MENU",
    "PROVIDE LOCAL INFORMATION (location and IMEI)", "PROVIDE LOCAL INFORMATION (NMR)" },
  { "SET UP EVENT LIST", "Event: MT call", "Event: Call connected", "Event: Call disconnected",
    "Event: Location status", "Event: User activity", "Event: Idle screen available",
    "Event: Card reader status" },
  { "Event: Language selection", "Event: Browser termination", "Event: Data available",
    "Event: Channel status", "Event: Access Technology Change", "Event: Display parameters changed",
    "Event: Local Connection", "Event: Network Search Mode Change" },
  { "POWER ON CARD", "POWER OFF CARD", "PERFORM CARD APDU", "GET READER STATUS (status)",
    "GET READER STATUS (identifier)" },
  { "TIMER MANAGEMENT (start, stop)", "TIMER MANAGEMENT (get current value)",
    "PROVIDE LOCAL INFORMATION (date, time and time zone)", "GET INKEY (binary choice)",
    "SET UP IDLE MODE TEXT", "RUN AT COMMAND", "SET UP CALL (second alpha identifier)",
    "Call Control by NAA (second capability configuration)" },
  { "DISPLAY TEXT (sustained)", "SEND DTMF", "PROVIDE LOCAL INFORMATION (BCCH channel list)",
    "PROVIDE LOCAL INFORMATION (language)", "PROVIDE LOCAL INFORMATION (timing advance)",
    "LANGUAGE NOTIFICATION", "LAUNCH BROWSER", "PROVIDE LOCAL INFORMATION (access technology)" },
  { "Soft keys for SELECT ITEM", "Soft keys for SET UP MENU" },
  { NULL }, /* number of soft keys */
  { "OPEN CHANNEL", "CLOSE CHANNEL", "RECEIVE DATA", "SEND DATA", "GET CHANNEL STATUS",
    "SERVICE SEARCH", "GET SERVICE INFORMATION", "DECLARE SERVICE" },
  { "Bearer CSD", "Bearer GPRS", "Bearer Bluetooth", "Bearer IrDA", "Bearer RS232" },
  { NULL, NULL, NULL, NULL, NULL, "No display capability", "No keypad available",
    "Screen sizing parameters" },
  { NULL, NULL, NULL, NULL, NULL, NULL, NULL, "Variable size fonts" },
  { "Display can be resized", "Text wrapping", "Text scrolling", "Text attributes" },
  { "TCP, UICC in client mode, remote connection", "UDP, UICC in client mode, remote connection",
    "TCP, UICC in server mode", "TCP, UICC in client mode, local connection",
    "UDP, UICC in client mode, local connection", "Direct communication channel", "Bearer E-UTRAN",
    "Bearer HSDPA" },
  { "DISPLAY TEXT (variable time-out)", "GET INKEY (help while waiting)", "Bearer USB",
    "GET INKEY (variable time-out)", "PROVIDE LOCAL INFORMATION (ESN)", "Call Control on GPRS",
    "PROVIDE LOCAL INFORMATION (IMEISV)", "PROVIDE LOCAL INFORMATION (search mode)" },
  { NULL }, /* TIA/EIA-136-270 */
  { NULL }, /* 3GPP2 C.S0035 */
  { "WML", "XHTML", "HTML", "CHTML" },
  { "UTRAN PS with extended parameters", "PROVIDE LOCAL INFORMATION (battery state)",
    "PLAY TONE (melody and themed tones)", "Multimedia calls in SET UP CALL",
    "Toolkit-initiated GBA", "RETRIEVE MULTIMEDIA MESSAGE", "SUBMIT MULTIMEDIA MESSAGE",
    "DISPLAY MULTIMEDIA MESSAGE" },
  { "SET FRAMES", "GET FRAMES STATUS", "MMS notification download", "Alpha identifier in REFRESH",
    "Geographical Location Reporting", "PROVIDE LOCAL INFORMATION (MEID)",
    "PROVIDE LOCAL INFORMATION (NMR of UTRAN, E-UTRAN, NG-RAN)",
    "USSD data download and application mode" },
  { NULL }, /* number of frames */
  { "Event: Browsing status", "Event: MMS Transfer status", "Event: Frames Information changed",
    "Event: I-WLAN Access status", "Event: Network Rejection for GERAN/UTRAN",
    "Event: HCI connectivity", "Event: Network Rejection for E-UTRAN",
    "Multiple access technologies" },
  { "Event: CSG Cell Selection", "Event: Contactless state request" },
  { NULL }, /* reserved for events */
  { "Alignment left", "Alignment centre", "Alignment right", "Font size normal", "Font size large",
    "Font size small" },
  { "Style normal", "Style bold", "Style italic", "Style underlined", "Style strikethrough",
    "Style text foreground colour", "Style text background colour" },
  { "Bearer I-WLAN", "PROVIDE LOCAL INFORMATION (WSID)", "TERMINAL APPLICATIONS",
    "REFRESH (Steering of Roaming)", "ACTIVATE", "GEOGRAPHICAL LOCATION REQUEST",
    "PROVIDE LOCAL INFORMATION (broadcast network information)",
    "REFRESH (Steering of Roaming for I-WLAN)" },
  { "CONTACTLESS STATE CHANGED", "CSG cell discovery",
    "OPEN CHANNEL in Terminal Server Mode (confirmation parameters)",
    "Communication Control for IMS", "CAT over the modem interface", "Event: Incoming IMS Data",
    "Event: IMS Registration",
    "Profile Container, Envelope Container, COMMAND CONTAINER, ENCAPSULATED SESSION CONTROL" },
  { "Bearer IMS", "PROVIDE LOCAL INFORMATION (H(e)NB IP address)",
    "PROVIDE LOCAL INFORMATION (H(e)NB surrounding macrocells)",
    "OPEN CHANNEL in Terminal Server Mode (launch parameters)",
    "OPEN CHANNEL in Terminal Server Mode (direct communication channel)",
    "Security for Profile Container, Envelope Container, COMMAND CONTAINER, ENCAPSULATED SESSION "
    "CONTROL",
    "CAT service list for eCAT client", "Refresh enforcement policy" },
  { "OPEN CHANNEL (DNS server address request)", "CLOSE CHANNEL (Network Access Name reuse)",
    "Event: Poll Interval Negotiation", "ProSe usage information reporting",
    "PROVIDE LOCAL INFORMATION (supported radio access technologies)", "Event: WLAN Access status",
    "Bearer WLAN", "PROVIDE LOCAL INFORMATION (WLAN identifier)" },
  { "SEND SHORT MESSAGE (URI)", "SET UP CALL (IMS URI)", "SET UP CALL (media type voice)",
    "SET UP CALL (media type video)", "PROVIDE LOCAL INFORMATION (E-UTRAN timing advance)",
    "REFRESH (eUICC Profile State Change)",
    "Event: Network Rejection for E-UTRAN (extended rejection cause code)" },
  { "GET INPUT (variable time-out)", "Event: Data Connection Status Change (PDP)",
    "Event: Data Connection Status Change (PDN)", "REFRESH (Application Update)",
    "LSI COMMAND (Proactive Session Request)", "LSI COMMAND (UICC Platform Reset)" },
  { "Event: Data Connection Status Change (PDU)", "Event: Network Rejection for NG-RAN",
    "Bearer Non-IP Data Delivery", "PROVIDE LOCAL INFORMATION (slices information)",
    "REFRESH (Steering of Roaming, SOR-CMCI)", "Event: Network Rejection for Satellite NG-RAN",
    "CAG", "Event: Slices Status Change" },
  { "PROVIDE LOCAL INFORMATION (rejected slices information)",
    "Extended information on the location", "Chaining of PROVIDE LOCAL INFORMATION and ENVELOPE",
    "5G ProSe usage information reporting" },
  { NULL }, /* reserved */
  { "PROVIDE LOCAL INFORMATION (NG-RAN timing advance)" },
};

/* Where the numbers are: the byte, from 1, the bits below them and the bits that they have. */
typedef struct
{
  guint8 byte;
  guint8 shift;
  guint8 mask;
} NumberPlace;

static const NumberPlace number_places[EA_CAT_PROFILE_N_NUMBERS] = {
  [EA_CAT_PROFILE_SOFT_KEYS] = { 11, 0, 0xFF },
  [EA_CAT_PROFILE_CHANNELS] = { 13, 5, 0x07 },
  [EA_CAT_PROFILE_DISPLAY_HEIGHT] = { 14, 0, 0x1F },
  [EA_CAT_PROFILE_DISPLAY_WIDTH] = { 15, 0, 0x7F },
  [EA_CAT_PROFILE_MENU_WIDTH_REDUCTION] = { 16, 5, 0x07 },
  [EA_CAT_PROFILE_TIA_EIA_VERSION] = { 19, 0, 0x0F },
  [EA_CAT_PROFILE_CCAT] = { 20, 0, 0xFF },
  [EA_CAT_PROFILE_FRAMES] = { 24, 0, 0x0F },
};

/* Byte @byte of the profile, from 1; 0 after its end: what is left out is not supported. */
static guint8
get_octet (EaSpan octets, guint byte)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_tail (octets, byte - 1));
  return ea_reader_u8 (&reader);
}

guint
ea_cat_get_profile_number_byte (EaCatProfileNumber number)
{
  return number_places[number].byte;
}

gboolean
ea_cat_parse_profile (EaCatProfile *out, EaSpan octets, GError **error)
{
  EaCatProfile profile = { .octets = octets };

  if (octets.size == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, octets.data,
                              "Terminal profile has 0 bytes, not 1 or more");
  if (octets.size > EA_CAT_PROFILE_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT,
                              ea_span_tail (octets, EA_CAT_PROFILE_MAX).data,
                              "Terminal profile has %" G_GSIZE_FORMAT " bytes, at most %d fit",
                              octets.size, EA_CAT_PROFILE_MAX);

  for (gsize i = 0; i < G_N_ELEMENTS (number_places); i++)
    profile.numbers[i]
        = (guint8) (get_octet (octets, number_places[i].byte) >> number_places[i].shift
                    & number_places[i].mask);

  *out = profile;
  return TRUE;
}

gboolean
ea_cat_profile_has_number (const EaCatProfile *profile, EaCatProfileNumber number)
{
  return profile->octets.size >= number_places[number].byte;
}

/* FALSE for numbers that are no byte and bit: byte 0, bits 0 and 9. */
static gboolean
is_facility (EaCatFacility facility)
{
  guint bit = facility % FACILITIES_PER_BYTE;

  return facility >= FACILITIES_PER_BYTE && bit >= 1 && bit <= BITS_PER_BYTE;
}

gboolean
ea_cat_profile_has_facility (const EaCatProfile *profile, EaCatFacility facility)
{
  guint byte = facility / FACILITIES_PER_BYTE;
  guint bit = facility % FACILITIES_PER_BYTE;

  return is_facility (facility) && (get_octet (profile->octets, byte) >> (bit - 1) & 1) != 0;
}

const char *
ea_cat_get_facility_name (EaCatFacility facility)
{
  guint byte = facility / FACILITIES_PER_BYTE;
  guint bit = facility % FACILITIES_PER_BYTE;

  if (!is_facility (facility) || byte > EA_CAT_PROFILE_NAMED_BYTES)
    return NULL;
  return facility_names[byte - 1][bit - 1];
}

/* The bits of a byte that are not part of a number. */
static guint8
get_facility_mask (guint byte)
{
  guint mask = 0xFF;

  for (gsize i = 0; i < G_N_ELEMENTS (number_places); i++)
    if (number_places[i].byte == byte)
      mask &= ~((guint) number_places[i].mask << number_places[i].shift);
  return (guint8) mask;
}

EaCatFacility
ea_cat_profile_next_facility (const EaCatProfile *profile, EaCatFacility after)
{
  guint byte = MAX (after / FACILITIES_PER_BYTE, 1);
  guint bit = after % FACILITIES_PER_BYTE + 1;
  EaReader reader;

  ea_reader_init (&reader, ea_span_tail (profile->octets, byte - 1));
  for (; ea_reader_remaining (&reader) > 0; byte++, bit = 1)
    {
      guint octet = ea_reader_u8 (&reader);

      if (octet >> (bit - 1) == 0)
        continue;
      octet &= get_facility_mask (byte);
      for (; bit <= BITS_PER_BYTE; bit++)
        if ((octet >> (bit - 1) & 1) != 0)
          return EA_CAT_FACILITY (byte, bit);
    }
  return 0;
}

/* The octet of one byte, from 1, of a profile that is being built. */
static guint8
build_octet (guint byte, const EaCatFacility *facilities, gsize n_facilities, const guint8 *numbers)
{
  guint octet = 0;

  for (gsize i = 0; i < n_facilities; i++)
    if (facilities[i] / FACILITIES_PER_BYTE == byte && is_facility (facilities[i]))
      octet |= 1u << (facilities[i] % FACILITIES_PER_BYTE - 1);
  for (gsize i = 0; i < G_N_ELEMENTS (number_places); i++)
    if (number_places[i].byte == byte)
      octet |= (guint) (numbers[i] & number_places[i].mask) << number_places[i].shift;
  return (guint8) octet;
}

GBytes *
ea_cat_build_profile (const EaCatFacility *facilities, gsize n_facilities,
                      const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS])
{
  guint n_bytes = 1;
  EaWriter writer;

  for (gsize i = 0; i < n_facilities; i++)
    if (is_facility (facilities[i]))
      n_bytes = MAX (n_bytes, facilities[i] / FACILITIES_PER_BYTE);
  for (gsize i = 0; i < G_N_ELEMENTS (number_places); i++)
    if ((numbers[i] & number_places[i].mask) != 0)
      n_bytes = MAX (n_bytes, number_places[i].byte);

  ea_writer_init (&writer);
  for (guint byte = 1; byte <= n_bytes; byte++)
    ea_writer_u8 (&writer, build_octet (byte, facilities, n_facilities, numbers));
  return ea_writer_steal (&writer);
}

GBytes *
ea_cat_build_agent_profile (void)
{
  /* In the order of facility_names */
  static const EaCatFacility facilities[] = {
    11,  12,  15,  16,            /* download, timer expiration */
    21,                           /* command result */
    34,  36,  37,  38,            /* MORE TIME, POLL INTERVAL, POLLING OFF, REFRESH */
    42,  47,                      /* SEND SHORT MESSAGE, PROVIDE LOCAL INFORMATION */
    51,  55,  63,  64,  65,       /* SET UP EVENT LIST: location, data, channel, technology */
    81,  82,  83,  95,  98,       /* TIMER MANAGEMENT; date, timing advance, technology */
    121, 122, 123, 124, 125, 132, /* BIP over GPRS */
    146, 147,                     /* no display, no keypad */
    171, 172, 173, 177,           /* TCP, UDP, TCP server, E-UTRAN */
    187, 221, 255, 257,           /* IMEISV; extended parameters; network rejection */
    331, 332, /* OPEN CHANNEL tells name servers, CLOSE CHANNEL keeps the bearer */
  };
  const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS]
      = { [EA_CAT_PROFILE_CHANNELS] = EA_CAT_CHANNELS_MAX };

  return ea_cat_build_profile (facilities, G_N_ELEMENTS (facilities), numbers);
}

GBytes *
ea_cat_build_bip_profile (void)
{
  static const EaCatFacility facilities[]
      = { 11, 51, 63, 64, 121, 122, 123, 124, 125, 132, 171, 172 };
  const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS] = { 0 };

  return ea_cat_build_profile (facilities, G_N_ELEMENTS (facilities), numbers);
}
