/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "toolkit-rig.h"

/*
 * What tests of channels share beside the toolkit's rig: commands and responses of the worked examples that
 * tshark reads (tests/vectors), with what the test wants in their places. All is about bytes of the pattern of
 * link-peer.h.
 */

/* Qualifier of OPEN CHANNEL, TS 102 223 §8.6 */
#define ON_DEMAND 0x00
#define IMMEDIATE 0x01
#define RECONNECTING 0x03
#define BACKGROUND 0x04

/* Transport protocol type, TS 102 223 §8.59 */
#define UDP_CLIENT 0x01
#define TCP_CLIENT 0x02
#define TCP_SERVER 0x03

#define LOOPBACK "127.0.0.1"
#define BUFFER 1400

#define EVENTS_OF_CHANNELS "D00D8103010500820281829902090A"
#define NO_EVENTS "D00B8103010500820281829900"
#define EVENT_LIST_SET "810301050082028281830100"
#define GET_STATUS "D009810301440082028182"

/* Results, as objects of a response */
#define OK "830100"
#define MISSING_INFORMATION "830102"

/* OPEN CHANNEL over the default bearer, without an access name. @address: IPv4 or IPv6; none for a server */
typedef struct
{
  guint8 qualifier;
  guint16 buffer_size;
  guint8 transport;
  guint16 port;
  const char *address;
} OpenChannel;

/* (transfer full): hexadecimal */
char *make_open_channel (const OpenChannel *open);
char *make_send_data (guint8 channel, gboolean is_immediate, gsize offset, gsize size);
char *make_receive_data (guint8 channel, gsize length);
char *make_close_channel (guint8 channel, guint8 qualifier);

/* The card hears of data and links; or it has to ask. */
void channel_rig_set_events (ToolkitRig *rig);
void channel_rig_set_no_events (ToolkitRig *rig);

/* The card opens a channel; the response must have this @result, and this @status unless it is %NULL. */
void channel_rig_open (ToolkitRig *rig, const OpenChannel *open, const char *result,
                       const char *status);

/* (transfer full): the peer of a new channel that must be @channel: a TCP client, immediate */
int channel_rig_connect (ToolkitRig *rig, guint8 channel, guint16 buffer_size);

/* The card sends a part of the pattern at once; @n_free: as in the response. */
void channel_rig_send (ToolkitRig *rig, guint8 channel, gsize offset, gsize size, guint8 n_free);

/* The card asks for @length bytes. The response must have @result, @size bytes of the pattern, and @n_left. */
void channel_rig_receive (ToolkitRig *rig, guint8 channel, gsize length, const char *result,
                          gsize offset, gsize size, guint8 n_left);

/* The same for as many bytes as come; must be some, none of them more than @length. Returns: how many */
gsize channel_rig_receive_some (ToolkitRig *rig, guint8 channel, guint8 length, gsize offset,
                                guint8 *n_left);

/* The card closes @channel. */
void channel_rig_close (ToolkitRig *rig, guint8 channel);

/* The next envelope is the event data available, with this length; or channel status, such as "8100". */
void channel_rig_expect_data (ToolkitRig *rig, guint8 channel, guint8 length);
void channel_rig_expect_status (ToolkitRig *rig, const char *status);

/* Of a channel, as the bus shows it */
guint64 channel_rig_get_count (ToolkitRig *rig, guint8 channel, const char *property);
void channel_rig_expect_state (ToolkitRig *rig, guint8 channel, const char *state);
