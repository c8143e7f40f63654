/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * open-packet RUNS: what it costs to open a command packet with 1 KiB of secured data, by the agent and by
 * GnuTLS alone, which deciphers the same bytes and computes the same checksum and does nothing else. Both take
 * turns; each run prints a line with the CPU time of one packet in microseconds: the agent's and GnuTLS's.
 */

#include <glib.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/scp80-crypto.h"
#include "core/scp80-seal.h"

#define N_PACKETS 2000 /* a run */
#define N_DATA 1024
#define BODY_HEAD_SIZE 6 /* CNTR and PCNTR; RC/CC/DS comes after them */
#define BLOCK_SIZE 16
#define KEY_SIZE EA_SCP80_AES_128_KEY_SIZE

/* SPI 1639: ciphered, with a CC and a counter that must be higher. KIc and KID 12: AES, key set 1 */
static const EaScp80Header header
    = { EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, 0x1639, 0x12, 0x12, 0x000001 };
static guint8 kic[KEY_SIZE] = "0123456789ABCDEF";
static guint8 kid[KEY_SIZE] = "FEDCBA9876543210";
static const EaScp80Keys keys
    = { EA_SCP80_ALGORITHM_AES, { kic, sizeof kic }, { kid, sizeof kid } };

static void
check (gboolean holds, const char *what)
{
  if (holds)
    return;
  g_printerr ("open-packet: %s\n", what);
  exit (EXIT_FAILURE);
}

static GBytes *
make_packet (void)
{
  const EaScp80Security security = ea_scp80_get_security (&header);
  guint8 data[N_DATA];

  for (gsize i = 0; i < sizeof data; i++)
    data[i] = (guint8) i;
  return ea_scp80_wrap (&header, &security, &keys,
                        &(EaScp80Contents){ .counter = 1, .data = EA_SPAN_OF_ARRAY (data) }, NULL);
}

static void
open_by_agent (EaSpan packet)
{
  g_auto (EaScp80Contents) contents = { 0 };
  EaScp80Packet parsed;
  EaScp80Status status;
  guint64 highest = 0;

  check (ea_scp80_parse (&parsed, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, packet, NULL)
             && ea_scp80_unwrap_command (&parsed, &keys, &highest, &contents, &status, NULL)
             && contents.data.size == N_DATA,
         "the agent does not open the packet");
}

/* @covered: room for what the CC covers: the clear header, and the body without the CC */
static void
open_by_gnutls (const EaScp80Packet *packet, guint8 *covered)
{
  gsize n_clear = packet->clear.size;
  gsize n_body = packet->body.size;
  guint8 *body = covered + n_clear;
  guint8 zeros[BLOCK_SIZE] = { 0 };
  guint8 mac[BLOCK_SIZE];
  guint8 cc[EA_SCP80_CC_SIZE];
  gnutls_datum_t iv = { zeros, sizeof zeros };
  gnutls_datum_t key = { kic, sizeof kic };
  gnutls_cipher_hd_t handle;

  check (gnutls_cipher_init (&handle, GNUTLS_CIPHER_AES_128_CBC, &key, &iv) >= 0, "no cipher");
  memcpy (covered, packet->clear.data, n_clear);
  check (gnutls_cipher_decrypt2 (handle, packet->body.data, n_body, body, n_body) >= 0,
         "GnuTLS does not decipher the packet");
  gnutls_cipher_deinit (handle);
  memcpy (cc, body + BODY_HEAD_SIZE, sizeof cc);
  memmove (body + BODY_HEAD_SIZE, body + BODY_HEAD_SIZE + sizeof cc,
           n_body - BODY_HEAD_SIZE - sizeof cc);
  check (gnutls_hmac_fast (GNUTLS_MAC_AES_CMAC_128, kid, sizeof kid, covered,
                           n_clear + n_body - sizeof cc, mac)
             >= 0,
         "no CMAC");
  check (memcmp (mac, cc, sizeof cc) == 0, "GnuTLS has another checksum");
}

static double
cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * G_USEC_PER_SEC + (double) now.tv_nsec / 1000;
}

int
main (int argc, char **argv)
{
  g_autoptr (GBytes) bytes = make_packet ();
  g_autofree guint8 *covered = NULL;
  EaScp80Packet parsed;
  EaSpan packet;

  check (argc == 2, "usage: open-packet RUNS");
  check (bytes != NULL, "there is no packet");
  packet = ea_span_from_bytes (bytes);
  check (ea_scp80_parse (&parsed, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, packet, NULL), "no packet");
  covered = g_malloc (packet.size);
  for (long run = strtol (argv[1], NULL, 10); run > 0; run--)
    {
      double start = cpu_us ();
      double middle;

      for (guint i = 0; i < N_PACKETS; i++)
        open_by_agent (packet);
      middle = cpu_us ();
      for (guint i = 0; i < N_PACKETS; i++)
        open_by_gnutls (&parsed, covered);
      g_print ("%.3f %.3f\n", (middle - start) / N_PACKETS, (cpu_us () - middle) / N_PACKETS);
    }
  return EXIT_SUCCESS;
}
