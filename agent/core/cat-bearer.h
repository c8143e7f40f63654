/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Values of the objects of the bearer independent protocol: see core/cat-object.h for the common contract.
 * Spans borrow from the value. Buffer size and channel data length are plain numbers: ea_cat_parse_u16()
 * and ea_cat_parse_octet().
 */

/* TS 102 223 §8.52, TS 31.111 §8.52: bearer types */
typedef enum
{
  EA_CAT_BEARER_CSD = 0x01,
  EA_CAT_BEARER_PACKET = 0x02,
  EA_CAT_BEARER_DEFAULT = 0x03,
  EA_CAT_BEARER_LOCAL_LINK = 0x04,
  EA_CAT_BEARER_BLUETOOTH = 0x05,
  EA_CAT_BEARER_IRDA = 0x06,
  EA_CAT_BEARER_RS232 = 0x07,
  EA_CAT_BEARER_CDMA2000 = 0x08,
  EA_CAT_BEARER_UTRAN_EXTENDED = 0x09,
  EA_CAT_BEARER_WLAN = 0x0A,
  EA_CAT_BEARER_EUTRAN = 0x0B,
  EA_CAT_BEARER_NG_RAN = 0x0C,
  EA_CAT_BEARER_USB = 0x10,
} EaCatBearerType;

/* @type is an EaCatBearerType, or a reserved value. */
typedef struct
{
  guint8 type;
  EaSpan parameters;
} EaCatBearerDescription;

gboolean ea_cat_parse_bearer_description (EaCatBearerDescription *out, EaSpan value,
                                          GError **error);
void ea_cat_write_bearer_description (EaWriter *writer, const EaCatBearerDescription *bearer);

/* One of the parameters of a bearer: @size is 1 or 2 octets, big endian. */
typedef struct
{
  const char *name;
  guint8 size;
} EaCatBearerField;

/**
 * ea_cat_get_bearer_fields:
 * @n_fields: (out): how many there are
 *
 * Returns: (nullable): what the parameters of @bearer mean, in their order; %NULL when the standard does
 *   not say it for their type or size
 */
const EaCatBearerField *ea_cat_get_bearer_fields (const EaCatBearerDescription *bearer,
                                                  gsize *n_fields);

/* TS 102 223 §8.59 */
typedef enum
{
  EA_CAT_TRANSPORT_UDP_CLIENT = 0x01,
  EA_CAT_TRANSPORT_TCP_CLIENT = 0x02,
  EA_CAT_TRANSPORT_TCP_SERVER = 0x03,
  EA_CAT_TRANSPORT_UDP_LOCAL = 0x04,
  EA_CAT_TRANSPORT_TCP_LOCAL = 0x05,
  EA_CAT_TRANSPORT_DIRECT = 0x06,
} EaCatTransportProtocol;

/* @protocol is an EaCatTransportProtocol, or a reserved value. */
typedef struct
{
  guint8 protocol;
  guint16 port;
} EaCatTransport;

gboolean ea_cat_parse_transport (EaCatTransport *out, EaSpan value, GError **error);
void ea_cat_write_transport (EaWriter *writer, const EaCatTransport *transport);

/* TS 102 223 §8.58 and §8.104: type of address */
#define EA_CAT_ADDRESS_NONE 0x00
#define EA_CAT_ADDRESS_IPV4 0x21
#define EA_CAT_ADDRESS_IPV6 0x57
#define EA_CAT_IPV4_SIZE 4
#define EA_CAT_IPV6_SIZE 16

/**
 * EaCatOtherAddress:
 * @family: %EA_CAT_ADDRESS_IPV4, %EA_CAT_ADDRESS_IPV6, or %EA_CAT_ADDRESS_NONE for an object without a
 *   value, which asks for a dynamic address
 * @address: in network order
 */
typedef struct
{
  guint8 family;
  EaSpan address;
} EaCatOtherAddress;

/* Errors: also EA_CORE_ERROR_UNSUPPORTED (another type of address). */
gboolean ea_cat_parse_other_address (EaCatOtherAddress *out, EaSpan value, GError **error);
gboolean ea_cat_parse_dns_server_address (EaCatOtherAddress *out, EaSpan value, GError **error);
void ea_cat_write_other_address (EaWriter *writer, const EaCatOtherAddress *address);

/* (transfer full) (nullable): "192.0.2.1", "2001:db8::1" (RFC 5952); %NULL for no address. */
char *ea_cat_other_address_to_text (const EaCatOtherAddress *address);

/**
 * ea_cat_parse_network_access_name:
 * @value: labels with their lengths (TS 102 223 §8.70, TS 23.003 §9); plain text, and a label
 *   before plain text, which cards write, are taken as well
 *
 * Returns: (transfer full) (nullable): the name with dots, "" for no value
 *
 * Errors: EA_CORE_ERROR_MALFORMED (neither; or a character that is not printable ASCII).
 */
char *ea_cat_parse_network_access_name (EaSpan value, GError **error);

/* Writes @name as labels; nothing on failure. Errors: EA_CORE_ERROR_LIMIT (a label of no or over 63
 * characters). */
gboolean ea_cat_write_network_access_name (EaWriter *writer, const char *name, GError **error);

/**
 * EaCatChannelStatus:
 * @channel: 1 to 7, 0 for none
 * @is_established: the link is there; for a UICC in server mode: a client is connected
 * @is_listening: UICC in server mode: LISTEN
 * @information: further information: 00 none, 05 link dropped
 *
 * TS 102 223 §8.56. @reserved keeps the bits that have no meaning.
 */
typedef struct
{
  guint8 channel;
  gboolean is_established;
  gboolean is_listening;
  guint8 reserved;
  guint8 information;
} EaCatChannelStatus;

#define EA_CAT_CHANNEL_MAX 7
#define EA_CAT_CHANNEL_LINK_DROPPED 0x05

gboolean ea_cat_parse_channel_status (EaCatChannelStatus *out, EaSpan value, GError **error);
void ea_cat_write_channel_status (EaWriter *writer, const EaCatChannelStatus *status);
