/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * SMS TPDUs with secured packets, as the network and the card see them: 3GPP TS 23.040 §9.2 and
 * TS 31.115 §4.
 */

/* TP-PID (U)SIM data download, TP-DCS class 2 8 bit */
#define SIM_SMS_PID_DATA_DOWNLOAD 0x7F
#define SIM_SMS_DCS_CLASS_2 0xF6

/* Octets of TP-UD */
#define SIM_SMS_USER_DATA_MAX 140

/* Information elements that say what the octets after the user data header are */
typedef enum
{
  SIM_SMS_PACKET_COMMAND = 0x70,
  SIM_SMS_PACKET_RESPONSE = 0x71,
} SimSmsPacket;

/* Borrows from the TPDU. @total is 0 when the message is not one of several; @packet is 0 when no
 * element names a secured packet, as in all segments but the first. */
typedef struct
{
  EaSpan address; /* TP-OA or TP-DA: number of digits, type, digits */
  guint8 pid;
  guint8 dcs;
  guint8 packet;
  guint reference;
  guint total;
  guint index;
  EaSpan body; /* TP-UD behind its header */
} SimSms;

/* Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED. @out is untouched on error. */
gboolean sim_sms_parse_deliver (SimSms *out, EaSpan tpdu, GError **error);
gboolean sim_sms_parse_submit (SimSms *out, EaSpan tpdu, GError **error);

/**
 * sim_sms_build_deliver:
 * @originator: TP-OA as in the TPDU
 * @reference: concatenation reference, used when @packet needs more than one message
 *
 * Returns: (transfer full) (element-type GBytes): SMS-DELIVER TPDUs in order; TP-MMS says "no more
 * messages" in the last one only
 */
GPtrArray *sim_sms_build_deliver (EaSpan originator, EaSpan packet, guint8 reference);

/* (transfer full) (element-type GBytes): SMS-SUBMIT TPDUs with a packet of this @kind, TP-MR 0 */
GPtrArray *sim_sms_build_submit (EaSpan destination, SimSmsPacket kind, EaSpan packet,
                                 guint8 reference);

/* Segments of concatenated messages that wait for the others of their kind. */
typedef struct _SimSmsAssembly SimSmsAssembly;

/* @packet: what to collect; messages without this element in their first segment are dropped */
SimSmsAssembly *sim_sms_assembly_new (SimSmsPacket packet);
void sim_sms_assembly_free (SimSmsAssembly *assembly);
void sim_sms_assembly_reset (SimSmsAssembly *assembly);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsAssembly, sim_sms_assembly_free)

/* (transfer full) (nullable): the secured packet that @sms completes, in whatever order it came */
GBytes *sim_sms_assembly_add (SimSmsAssembly *assembly, const SimSms *sms);
