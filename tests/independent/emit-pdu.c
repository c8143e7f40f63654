/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* PDUs of CAT_TP: every kind, with its checksum. */

#include "core/cattp-pdu.h"
#include "emit.h"

#define PORT_OF_CARD 0xC001
#define PORT_OF_SERVER 2345

#define FROM_CARD                                                                                  \
  "cattp.srcport=49153;cattp.dstport=2345;cattp.version=0;cattp.windowsize=10;"                    \
  "cattp.checksum.status=1;"
#define FROM_SERVER                                                                                \
  "cattp.srcport=2345;cattp.dstport=49153;cattp.version=0;cattp.windowsize=10;"                    \
  "cattp.checksum.status=1;"

/* @pdu gets the ports of its direction and the window. */
static void
emit_pdu (const char *name, EaCattpPdu pdu, gboolean is_from_card, const char *expected)
{
  pdu.source_port = is_from_card ? PORT_OF_CARD : PORT_OF_SERVER;
  pdu.destination_port = is_from_card ? PORT_OF_SERVER : PORT_OF_CARD;
  pdu.window = 10;
  emit ("cat-tp", name, ea_cattp_pdu_build (&pdu, NULL), expected);
}

static EaSpan
span_of (const char *octets, gsize size)
{
  return ea_span_init (octets, size);
}

static void
emit_set_up (void)
{
  emit_pdu ("syn",
            (EaCattpPdu){
                .flags = EA_CATTP_FLAG_SYN,
                .sequence = 100,
                .max_pdu = 1400,
                .max_sdu = 2048,
                .identification = span_of ("\x89\x00\x10\x12\x01\x23\x41\x23", 8),
            },
            TRUE,
            FROM_CARD "cattp.flags=128;cattp.hlen=31;cattp.datalen=0;cattp.seq=100;cattp.ack=0;"
                      "cattp.maxpdu=1400;cattp.maxsdu=2048;cattp.idlen=8;"
                      "cattp.identification=8900101201234123");
  emit_pdu ("syn_ack",
            (EaCattpPdu){
                .flags = EA_CATTP_FLAG_SYN | EA_CATTP_FLAG_ACK,
                .sequence = 65535,
                .acknowledgement = 100,
                .max_pdu = 1400,
                .max_sdu = 65535,
            },
            FALSE,
            FROM_SERVER "cattp.flags=192;cattp.hlen=23;cattp.seq=65535;cattp.ack=100;"
                        "cattp.maxpdu=1400;cattp.maxsdu=65535;cattp.idlen=0");
}

static void
emit_data (void)
{
  emit_pdu ("ack",
            (EaCattpPdu){ .flags = EA_CATTP_FLAG_ACK, .sequence = 101, .acknowledgement = 1 }, TRUE,
            FROM_CARD "cattp.flags=64;cattp.hlen=18;cattp.datalen=0;cattp.seq=101;cattp.ack=1");
  emit_pdu ("segment",
            (EaCattpPdu){
                .flags = EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_SEG,
                .sequence = 2,
                .acknowledgement = 100,
                .data = span_of ("\x01\x02\x03\x04\x05", 5),
            },
            FALSE,
            FROM_SERVER "cattp.flags=68;cattp.flags.seg=1;cattp.datalen=5;cattp.seq=2;"
                        "cattp.ack=100");
  emit_pdu ("last_segment",
            (EaCattpPdu){
                .flags = EA_CATTP_FLAG_ACK,
                .sequence = 3,
                .acknowledgement = 100,
                .data = span_of ("\xFF\xFF\xFF\xFE", 4),
            },
            FALSE,
            FROM_SERVER "cattp.flags=64;cattp.flags.seg=0;cattp.datalen=4;cattp.seq=3;"
                        "cattp.ack=100");
  emit_pdu ("null",
            (EaCattpPdu){ .flags = EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_NUL,
                          .sequence = 7,
                          .acknowledgement = 100 },
            FALSE, FROM_SERVER "cattp.flags=72;cattp.flags.nul=1;cattp.datalen=0;cattp.seq=7");
  emit_pdu ("extended_acknowledgement",
            (EaCattpPdu){ .flags = EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_EAK,
                          .sequence = 101,
                          .acknowledgement = 3,
                          .extended_acknowledgements = span_of ("\x00\x05\x00\x06\xFF\x01", 6) },
            TRUE,
            FROM_CARD "cattp.flags=96;cattp.hlen=24;cattp.eaks=3;cattp.eak=5,6,65281;cattp.ack=3");
}

static void
emit_resets (void)
{
  for (guint8 reason = EA_CATTP_RESET_NORMAL; reason <= EA_CATTP_RESET_VERSION; reason++)
    {
      g_autofree char *expected = g_strdup_printf (
          FROM_SERVER "cattp.flags=16;cattp.hlen=19;cattp.seq=8;cattp.rc=%u", reason);

      emit_pdu ("reset",
                (EaCattpPdu){ .flags = EA_CATTP_FLAG_RST, .sequence = 8, .reset_reason = reason },
                FALSE, expected);
    }
}

void
emit_pdus (void)
{
  emit_set_up ();
  emit_data ();
  emit_resets ();
}
