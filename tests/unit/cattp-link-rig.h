/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cattp-peer.h"
#include "session/cattp-link.h"

/*
 * What tests of EaCattpLink share: a link over UDP at the loopback interface, the simulator's endpoint at its other end,
 * and an owner that writes down what it hears.
 */

#define CATTP_LINK_RIG_ROOM 0x40000000 /* as good as no limit */

/**
 * CattpLinkRig:
 * @link: %NULL: dropped; @alive: %NULL: nobody holds it any more, not even itself
 * @room: SDUs that are still taken
 * @answers_max: 0: SDUs are not answered; else each that is taken is answered with itself, and none is taken while so many
 *   answers were not delivered
 * @n_answers: that were not delivered
 * @drop_at: (nullable): the word of the diary with which the link is dropped
 * @diary: "opened 65535", "sdu 0102", "delivered", "closed", one a line
 * @n_sdus: that were taken
 * @n_refused: times that there was no room for one
 * @error: (nullable): of the end
 */
typedef struct
{
  CattpPeer *peer;
  EaCattpLink *link;
  EaCattpLink *alive;
  guint room;
  guint answers_max;
  guint n_answers;
  const char *drop_at;
  GString *diary;
  guint n_sdus;
  guint n_refused;
  guint n_delivered;
  guint n_closed;
  GError *error;
} CattpLinkRig;

/* cmocka fixtures: the peer listens; in the end nothing keeps the link. */
int cattp_link_rig_setup (void **state);
int cattp_link_rig_teardown (void **state);

#define CATTP_LINK_TEST(function)                                                                  \
  cmocka_unit_test_setup_teardown (function, cattp_link_rig_setup, cattp_link_rig_teardown)

/* @max_sdu: @keep_alive_ms: of the agent's side; nothing was sent yet. */
void cattp_link_rig_begin (CattpLinkRig *rig, guint16 max_sdu, guint keep_alive_ms);

/* The same with the largest SDUs and without keep-alive; both sides are open. */
void cattp_link_rig_open (CattpLinkRig *rig);

/* The owner is gone. */
void cattp_link_rig_drop (CattpLinkRig *rig);

/* @sdu: hexadecimal */
void cattp_link_rig_send (CattpLinkRig *rig, const char *sdu);

/* The peer sends SDUs of two octets, which count from @first. */
void cattp_link_rig_send_counted (CattpLinkRig *rig, guint first, guint n_sdus);

/* Waits until the owner has no more room and an SDU waits for that. */
void cattp_link_rig_await_held (CattpLinkRig *rig);

/* There is room for so many. */
void cattp_link_rig_resume (CattpLinkRig *rig, guint room);

/* Waits until the link has everything that the peer has sent. */
void cattp_link_rig_await_all (CattpLinkRig *rig);

/* Waits for the end, as it should be or with this error; time flies from now on. */
void cattp_link_rig_expect_end (CattpLinkRig *rig);
void cattp_link_rig_expect_failure (CattpLinkRig *rig, EaCattpLinkError code, const char *message);

/* The diary from its beginning */
void cattp_link_rig_expect_diary (CattpLinkRig *rig, const char *lines);
