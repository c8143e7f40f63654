/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * What the card has to complain of in the terminal's responses and events of the bearer independent
 * protocol (ETSI TS 102 223 §6.8, §7.5 and §8). A complaint is counted by name; data flow all the same.
 */

/**
 * SimBipFault:
 * @SIM_BIP_FAULT_PROFILE: TERMINAL PROFILE does not say that the terminal can do what is asked of it
 * @SIM_BIP_FAULT_LENGTH_FORM: a length that can't be read or is not in the shortest form
 * @SIM_BIP_FAULT_DEVICES: device identities other than terminal and UICC
 * @SIM_BIP_FAULT_TAG_STYLE: a comprehension bit other than the command's
 * @SIM_BIP_FAULT_UNKNOWN_OBJECT: one that has no business there, or comes twice
 * @SIM_BIP_FAULT_MISSING_OBJECT: or objects that are not in their order
 * @SIM_BIP_FAULT_RESULT: a result that does not fit what was done, or its additional information
 * @SIM_BIP_FAULT_BUFFER_SIZE: more than asked for, or nothing
 * @SIM_BIP_FAULT_FREE_SPACE: more than what is stored leaves, or than can be used
 * @SIM_BIP_FAULT_NO_ROOM: for data to be sent, in spite of much patience
 * @SIM_BIP_FAULT_MORE_THAN_ASKED: received data
 * @SIM_BIP_FAULT_DATA_LEFT: the channel data length and data or events contradict each other
 * @SIM_BIP_FAULT_DATAGRAM: one that is not exactly one PDU of the link that the channel is for
 * @SIM_BIP_FAULT_DOUBLED_EVENT: data that were announced already, a link that has dropped already
 * @SIM_BIP_FAULT_WRONG_CHANNEL: events of a channel that is not the card's
 * @SIM_BIP_FAULT_CHANNEL_STATUS: not that of an established link, or of a dropped one in its event
 * @SIM_BIP_FAULT_STATUS_BEFORE_DRAINED: the link has dropped, but there are data to be fetched
 */
typedef enum
{
  SIM_BIP_FAULT_PROFILE,
  SIM_BIP_FAULT_LENGTH_FORM,
  SIM_BIP_FAULT_DEVICES,
  SIM_BIP_FAULT_TAG_STYLE,
  SIM_BIP_FAULT_UNKNOWN_OBJECT,
  SIM_BIP_FAULT_MISSING_OBJECT,
  SIM_BIP_FAULT_RESULT,
  SIM_BIP_FAULT_BUFFER_SIZE,
  SIM_BIP_FAULT_FREE_SPACE,
  SIM_BIP_FAULT_NO_ROOM,
  SIM_BIP_FAULT_MORE_THAN_ASKED,
  SIM_BIP_FAULT_DATA_LEFT,
  SIM_BIP_FAULT_DATAGRAM,
  SIM_BIP_FAULT_DOUBLED_EVENT,
  SIM_BIP_FAULT_WRONG_CHANNEL,
  SIM_BIP_FAULT_CHANNEL_STATUS,
  SIM_BIP_FAULT_STATUS_BEFORE_DRAINED,
  SIM_BIP_N_FAULTS,
} SimBipFault;

/* Members are private to card-bip-judge.c. */
typedef struct
{
  guint counts[SIM_BIP_N_FAULTS];
  guint fresh[SIM_BIP_N_FAULTS]; /* of them since sim_bip_judge_take() */

  /* The open channel, as the terminal has told of it */
  guint8 channel; /* 0: none */
  gboolean is_datagram;
  gboolean has_dropped;
  gboolean is_announced; /* no RECEIVE DATA was answered since */
  gsize n_granted;
  gsize n_stored; /* by SEND DATA and not flushed */
  gsize n_left;   /* to be received; 255 and more is FF */
} SimBipJudge;

/* The card was reset. What was counted stays. */
void sim_bip_judge_reset (SimBipJudge *judge);

void sim_bip_judge_complain (SimBipJudge *judge, SimBipFault fault);

/* TERMINAL RESPONSE to @command (D0…), which is one of the card's user of channels */
void sim_bip_judge_response (SimBipJudge *judge, EaSpan command, EaSpan response);

/* ENVELOPE (D6…) and what it carries: events of other kinds and cut ones are not judged. */
void sim_bip_judge_envelope (SimBipJudge *judge, EaSpan envelope);

/* "length-form":2,"result":1: all that was counted */
void sim_bip_judge_append_json (const SimBipJudge *judge, GString *json);

/* (transfer full) (nullable): "length-form=2 result=1": what was counted since the last call */
char *sim_bip_judge_take (SimBipJudge *judge);
