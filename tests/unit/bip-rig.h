/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bip.h"

/* What the tests of agent/core/bip.h share: commands go in and what comes out is compared, as hexadecimal. */

/* OPEN CHANNEL, immediate: TCP to 192.0.2.1:443, access name "iot", buffer 1400 */
#define OPEN_TCP "D02281030140018202818235010339020578470403696F743C030201BB3E0521C0000201"
#define OPEN_TCP_ON_DEMAND                                                                         \
  "D02281030140008202818235010339020578470403696F743C030201BB3E0521C0000201"
#define OPEN_TCP_BACKGROUND                                                                        \
  "D02281030140048202818235010339020578470403696F743C030201BB3E0521C0000201"
#define OPEN_TCP_RECONNECTING                                                                      \
  "D02281030140038202818235010339020578470403696F743C030201BB3E0521C0000201"

/* The same with a buffer of 16 bytes, and with UDP to port 53 and a buffer of 16 bytes */
#define OPEN_TCP_SMALL "D01C810301400182028182350103390200103C030201BB3E0521C0000201"
#define OPEN_UDP_SMALL "D01C810301400182028182350103390200103C030100353E0521C0000201"

/* UICC in server mode on port 80, buffer 1024 */
#define OPEN_SERVER "D012810301400082028182390204003C03030050"
#define OPENED_SERVER "8103014000820282818301003802410039020400"

#define OPENED "8103014001820282818301003802810035010339020578"
#define OPENED_ON_DEMAND "8103014000820282818301003802010035010339020578"
#define OPENED_BACKGROUND "8103014004820282818301003802010035010339020578"
#define OPENED_RECONNECTING "8103014003820282818301003802810035010339020578"
#define OPENED_SMALL "8103014001820282818301003802810035010339020010"

#define CLOSE_1 "D009810301410082028121"
#define CLOSED_1 "810301410082028281830100"
#define GET_STATUS "D009810301440082028182"

/* Envelopes about channel 1 */
#define LINK_DROPPED_1 "D60B99010A82028281B8020105"
#define ESTABLISHED_1 "D60B99010A82028281B8028100"
#define LISTENING_1 "D60B99010A82028281B8024100"
#define DATA_1_IS_3 "D60E99010982028281B8028100B70103"

/* A machine whose card has set up the events data available and channel status. */
void bip_init (EaBip *bip);

/* Gives a command to @bip; it is open until bip_answers(). */
void bip_command (EaBip *bip, const char *hex);

/* The next response is @hex, and the last command got it; then the card has taken it. */
void bip_answers (EaBip *bip, const char *hex);
void bip_answers_not (EaBip *bip);

/* The same, but the card does not get it. */
void bip_answers_in_vain (EaBip *bip, const char *hex, EaBipDelivery delivery);

/* Both in one. */
void bip_exchange (EaBip *bip, const char *command, const char *response);

/* RECEIVE DATA and SEND DATA on channel 1 */
void bip_fetch (EaBip *bip, guint length, const char *response);
char *bip_make_send (gboolean is_immediate, gsize size);

/* The next event is @type of @channel. */
void bip_wants (EaBip *bip, EaBipEventType type, guint8 channel);
void bip_sends (EaBip *bip, guint8 channel, const char *hex);
void bip_wants_nothing (EaBip *bip);

/* A SEND DATA on channel 1 has all that is stored sent, of which the link takes @n_taken bytes at once. */
void bip_flushes (EaBip *bip, const char *command, const char *sent, gsize n_taken,
                  const char *response);

/* The next envelope is @hex, and the card takes it; or not: then ea_bip_envelope_done() is up to the test. */
void bip_tells (EaBip *bip, const char *hex);
void bip_tells_in_vain (EaBip *bip, const char *hex);
void bip_tells_nothing (EaBip *bip);

/* Something comes from the peer. */
void bip_hears (EaBip *bip, guint8 channel, const char *hex);

/* Channel 1 is open and its link is up: @command is answered by @response. */
void bip_open (EaBip *bip, const char *command, const char *response);
