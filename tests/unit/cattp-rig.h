/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cattp.h"

/*
 * What the tests of agent/core/cattp.h share: a machine, the time, and PDUs of its peer. PDUs are made here from their
 * fields, by TS 102 127 and not by the agent's code.
 */

#define SYN 0x80
#define ACK 0x40
#define EAK 0x20
#define RST 0x10
#define NUL 0x08
#define SEG 0x04

/* The ports of the machine and of its peer, and the numbers of their SYNs */
#define OUR_PORT 0xC001
#define PEER_PORT 0x0929
#define OUR_NUMBER 0x64
#define PEER_NUMBER 1

/* Octets that tshark finds right: what an active machine of make_parameters() says first, and what it is answered */
#define EXAMPLE_SYN "80000027c0010929000000640000000a22ed057808001089001012012341234012345678901224"
#define EXAMPLE_SYN_ACK "c00000170929c001000000010064000a68d60578080000"
#define EXAMPLE_THIRD "40000012c0010929000000650001000af652"

typedef struct
{
  EaCattp *machine;
  gint64 now_us;
} CattpRig;

/* max_pdu 1400, max_sdu 2048, window 10, identification of the example */
EaCattpParameters make_parameters (void);

/* In SYN-SENT or LISTEN */
CattpRig rig_begin_active (const EaCattpParameters *parameters);
CattpRig rig_begin_passive (const EaCattpParameters *parameters);

/* Opened by the peer's SYN+ACK or SYN with @window and sizes of 1400 and 2048; OPENED was pulled */
CattpRig rig_open (void);
CattpRig rig_open_with (const EaCattpParameters *parameters, guint16 window);
CattpRig rig_open_passive (void);

void rig_clear (CattpRig *rig);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CattpRig, rig_clear)

/* (transfer full): a PDU with a good checksum; @area and @data are hexadecimal */
GBytes *make_pdu (guint8 flags, guint16 from, guint16 to, guint16 number, guint16 acknowledged,
                  guint16 window, const char *area, const char *data);

/* The machine receives octets, or a PDU of its peer. */
void rig_hears_hex (CattpRig *rig, const char *hex);
void rig_hears_window (CattpRig *rig, guint8 flags, guint16 number, guint16 acknowledged,
                       guint16 window, const char *area, const char *data);

/* The same with a window of 10 */
void rig_hears (CattpRig *rig, guint8 flags, guint16 number, guint16 acknowledged, const char *area,
                const char *data);

/* The next PDU is that, with a window of 10; an RST has a window of 0. */
void rig_says_hex (CattpRig *rig, const char *hex);
void rig_says (CattpRig *rig, guint8 flags, guint16 number, guint16 acknowledged, const char *area,
               const char *data);
void rig_says_window (CattpRig *rig, guint8 flags, guint16 number, guint16 acknowledged,
                      guint16 window, const char *area, const char *data);
void rig_says_nothing (CattpRig *rig);

/* Drops what it says. Returns: how many PDUs */
guint rig_drop (CattpRig *rig);

/* Time passes; the machine's deadlines come. */
void rig_pass (CattpRig *rig, gint64 time_us);

/* The next deadline comes. Returns: how long that was */
gint64 rig_pass_deadline (CattpRig *rig);

void rig_send (CattpRig *rig, const char *hex);
void rig_send_zeros (CattpRig *rig, gsize size);

/* The next event */
void rig_tells (CattpRig *rig, EaCattpEventType type);
void rig_tells_sdu (CattpRig *rig, const char *hex);
void rig_tells_closed (CattpRig *rig, EaCattpCause cause, guint8 reason);
void rig_tells_nothing (CattpRig *rig);

EaCattpState rig_get_state (const CattpRig *rig);
guint64 rig_count_discarded (const CattpRig *rig, EaCattpDiscard why);
