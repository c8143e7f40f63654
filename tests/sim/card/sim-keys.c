/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sim-keys.h"

#include <string.h>

static guint8 kic[16] = { 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,
                          0x38, 0x39, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46 };
static guint8 kid[16] = { 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57,
                          0x58, 0x59, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66 };

const SimScp80Keys sim_keys = { { kic, sizeof (kic) }, { kid, sizeof (kid) } };

gboolean
sim_keys_set_scp80 (const char *text)
{
  g_autoptr (GBytes) keys = ea_bytes_from_hex (text, NULL);
  EaReader reader;

  if (keys == NULL || g_bytes_get_size (keys) != sizeof kic + sizeof kid)
    return FALSE;
  ea_reader_init (&reader, ea_span_from_bytes (keys));
  memcpy (kic, ea_reader_bytes (&reader, sizeof kic).data, sizeof kic);
  memcpy (kid, ea_reader_bytes (&reader, sizeof kid).data, sizeof kid);
  return TRUE;
}

static guint8 psk[16] = { 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
                          0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F };

const EaSpan sim_keys_psk = { psk, sizeof (psk) };

gboolean
sim_keys_set_psk (const char *text)
{
  g_autoptr (GBytes) key = ea_bytes_from_hex (text, NULL);

  if (key == NULL || g_bytes_get_size (key) != sizeof psk)
    return FALSE;
  memcpy (psk, g_bytes_get_data (key, NULL), sizeof psk);
  return TRUE;
}

static const guint8 enc[16] = { 0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67,
                                0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F };
static const guint8 mac[16] = { 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77,
                                0x78, 0x79, 0x7A, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F };

const SimScp03tKeys sim_scp03t_keys = { { enc, sizeof (enc) }, { mac, sizeof (mac) } };
