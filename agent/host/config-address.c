/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values that are lists of addresses: ranges of them, and servers. */

#include <string.h>

#include "host/config-value.h"

#define BITS_PER_BYTE 8

static gboolean
has_port (const char *text)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : NULL;
  g_autoptr (GInetAddress) address = host != NULL ? g_inet_address_new_from_string (host) : NULL;

  return text[0] == '[' || address != NULL;
}

static gboolean
has_letter (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_isalpha (*text))
      return TRUE;
  return FALSE;
}

/* What to do about @text, which is no address */
static const char *
get_address_advice (const char *text)
{
  if (strpbrk (text, ", ") != NULL)
    return "; several are separated by semicolons";
  if (has_port (text))
    return "; write it without brackets and port";
  return has_letter (text) && strchr (text, ':') == NULL ? "; names are not resolved here" : "";
}

/* Ranges */

/* (transfer full): with zeros after the first bits */
static char *
mask_address (GInetAddress *address, guint n_bits)
{
  gsize size = g_inet_address_get_native_size (address);
  g_autofree guint8 *bytes = g_memdup2 (g_inet_address_to_bytes (address), size);
  g_autoptr (GInetAddress) masked = NULL;

  for (gsize i = n_bits; i < size * BITS_PER_BYTE; i++)
    bytes[i / BITS_PER_BYTE] &= (guint8) ~(0x80 >> i % BITS_PER_BYTE);
  masked = g_inet_address_new_from_bytes (bytes, g_inet_address_get_family (address));
  return g_inet_address_to_string (masked);
}

/* (transfer full) (nullable): what is wrong. GLib's own reader of ranges takes any number of bits. */
static char *
check_range (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (parts[0]);
  g_autoptr (GInetAddressMask) range = NULL;
  g_autofree char *masked = NULL;
  guint n_bits_max;
  guint64 n_bits;

  if (address == NULL)
    return g_strdup_printf ("'%s' is no IP address%s", parts[0], get_address_advice (parts[0]));
  if (parts[1] == NULL)
    return NULL;
  n_bits_max = (guint) (BITS_PER_BYTE * g_inet_address_get_native_size (address));
  if (!g_ascii_string_to_unsigned (parts[1], 10, 0, n_bits_max, &n_bits, NULL))
    return g_strdup_printf ("'%s' does not end in a number of bits from 0 to %u", text, n_bits_max);
  range = g_inet_address_mask_new (address, (guint) n_bits, NULL);
  if (range != NULL)
    return NULL;
  masked = mask_address (address, (guint) n_bits);
  return g_strdup_printf ("'%s' has bits set after its first %u: write %s/%u", text, (guint) n_bits,
                          masked, (guint) n_bits);
}

char *
ea_config_value_check_ranges (const char *value)
{
  g_auto (GStrv) ranges = ea_config_value_split (value);
  char *wrong = NULL;

  for (guint i = 0; wrong == NULL && ranges[i] != NULL; i++)
    wrong = check_range (ranges[i]);
  return wrong;
}

/* Servers */

/* Where the port of "ADDRESS:PORT" begins; %NULL: there is none. An address of IPv6 has colons of its own. */
static const char *
find_port (const char *text)
{
  const char *colon = strrchr (text, ':');

  if (text[0] == '[')
    return colon != NULL && colon[-1] == ']' ? colon + 1 : NULL;
  return colon != NULL && colon == strchr (text, ':') ? colon + 1 : NULL;
}

/* (transfer full) (nullable): the address without brackets and port */
static GInetAddress *
parse_address (const char *text, const char *port)
{
  gsize size = port != NULL ? (gsize) (port - 1 - text) : strlen (text);
  gboolean is_bracketed = size >= 2 && text[0] == '[' && text[size - 1] == ']';
  g_autofree char *bare = g_strndup (text + (is_bracketed ? 1 : 0), size - (is_bracketed ? 2 : 0));
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (bare);

  if (address == NULL || is_bracketed != (text[0] == '[')
      || (is_bracketed && g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6))
    return NULL;
  return g_steal_pointer (&address);
}

static const char *
get_server_advice (const char *text)
{
  if (strpbrk (text, ", ") != NULL)
    return "; several are separated by semicolons";
  return has_letter (text) && text[0] != '[' && strchr (text, ':') == strrchr (text, ':')
             ? "; names are not resolved here"
             : "";
}

static char *
check_server (const char *text)
{
  const char *port = find_port (text);
  g_autoptr (GInetAddress) address = parse_address (text, port);

  if (address == NULL)
    return g_strdup_printf ("'%s' is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT%s", text,
                            get_server_advice (text));
  if (port != NULL && !g_ascii_string_to_unsigned (port, 10, 1, G_MAXUINT16, NULL, NULL))
    return g_strdup_printf ("'%s' does not end in a port from 1 to %u", text, G_MAXUINT16);
  return NULL;
}

char *
ea_config_value_check_servers (const char *value)
{
  g_auto (GStrv) servers = ea_config_value_split (value);
  char *wrong = NULL;

  for (guint i = 0; wrong == NULL && servers[i] != NULL; i++)
    wrong = check_server (servers[i]);
  return wrong;
}

GPtrArray *
ea_config_value_parse_servers (const char *value, guint16 port)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) servers = ea_config_value_split (value);

  for (guint i = 0; servers[i] != NULL; i++)
    {
      const char *own = find_port (servers[i]);
      g_autoptr (GInetAddress) address = parse_address (servers[i], own);
      guint16 number = own != NULL ? (guint16) g_ascii_strtoull (own, NULL, 10) : port;

      g_ptr_array_add (addresses, g_inet_socket_address_new (address, number));
    }
  return addresses;
}
