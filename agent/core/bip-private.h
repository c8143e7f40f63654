/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bip.h"

/* What the parts of core/bip share: bip.c the commands, bip-answer.c their responses, bip-data.c what they carry,
 * bip-link.c what happens on the links and what the card is told of it, bip-channel.c one channel. */

/* (nullable): the channel with a number of 1 to 7 */
EaBipChannel *ea_bip_find_channel (EaBip *self, guint8 channel);

/* Takes @request (transfer full) and makes empty buffers for it; nothing is due. */
void ea_bip_channel_open (EaBipChannel *channel, EaBipRequest *request);

/* Frees the buffers and the request; what is due stays due. */
void ea_bip_channel_close (EaBipChannel *channel);

/* Nothing is due any more. */
void ea_bip_channel_forget (EaBipChannel *channel);

/* What the card is to know of @channel, with the number @number: a link that has dropped is there until all
 * was fetched. */
EaCatChannelStatus ea_bip_channel_get_status (const EaBipChannel *channel, guint8 number);

/* Bytes that the transmit buffer takes. */
gsize ea_bip_channel_get_free (const EaBipChannel *channel);

/* TRUE when nothing is left to fetch after the link has dropped. */
gboolean ea_bip_channel_is_drained (const EaBipChannel *channel);

/* (borrowed): a new event of a channel, in the order in which events are pulled */
EaBipEvent *ea_bip_add_event (EaBip *self, guint8 channel, EaBipEventType type);

/* @response: (transfer full). Returns: (borrowed): for what it gives the card */
EaBipResponse *ea_bip_add_response (EaBip *self, guint64 name, GBytes *response);
void ea_bip_clear_responses (EaBip *self);

/* Closes a channel, if it is not, and its link. */
void ea_bip_end_channel (EaBip *self, guint8 channel, gboolean keeps_bearer);

/* Lets a command wait for the link of @channel; and answers it, with @response (transfer full). */
void ea_bip_hold_command (EaBip *self, const EaCatCommand *command, guint64 name, guint8 channel);
void ea_bip_answer_command (EaBip *self, GBytes *response);
void ea_bip_release_command (EaBip *self);
gboolean ea_bip_is_waiting (const EaBip *self, guint8 channel);

/* Asks for the link of a channel; @fallback: what the channel is when there is none. */
void ea_bip_connect (EaBip *self, guint8 channel, EaBipState fallback);

/* SEND DATA and RECEIVE DATA. */
void ea_bip_send_data (EaBip *self, const EaCatCommand *command, guint64 name);
void ea_bip_receive_data (EaBip *self, const EaCatCommand *command, guint64 name);

/* The SEND DATA that is held goes out; or its data are taken back, as it failed. */
void ea_bip_flush (EaBip *self, guint8 channel);
void ea_bip_withdraw (EaBip *self, guint8 channel);

/* When the link has dropped and nothing is left to fetch: the card is to know that. */
void ea_bip_settle (EaBip *self, guint8 channel);

/* UICC in server mode, §6.4.28: the peer goes, the buffers are emptied, the port stays open. */
void ea_bip_listen_again (EaBip *self, guint8 channel);

/* The response to an OPEN CHANNEL that was carried out. */
void ea_bip_accept (EaBip *self, const EaCatCommand *command, guint64 name, guint8 channel,
                    const EaCatOtherAddress *servers, gsize n_servers);

/* The same to the one that waited. */
void ea_bip_accept_waiting (EaBip *self, guint8 channel, const EaCatOtherAddress *servers,
                            gsize n_servers);

/* The result for a command to a channel that is not open. */
EaBipResult ea_bip_get_closed_result (const EaBipChannel *channel);
