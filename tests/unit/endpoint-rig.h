/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "card/sim-scp80.h"
#include "card/sim-sms.h"
#include "fake-modem.h"
#include "fake-store.h"
#include "fake-time.h"
#include "helpers.h"
#include "session/ota.h"

/*
 * What tests of the endpoint share: short messages, the inbox and the endpoint in front of a modem that does what the
 * test says, with a key file and a store in directories of their own, and the SM-SR's side of the packets, for which
 * the simulator's codec stands. Link with fake-time.c and fake-store.c.
 */

#define RIG_EID "89001012012341234012345678901224"
#define RIG_OTHER_EID "89033023001211360000000003671234"

/* Keys of the published example (3GPP TS 31.115, AES, key set 1), for any eUICC and the ISD-R */
#define RIG_KIC "30313233343536373839414243444546"
#define RIG_KID "50515253545556575859616263646566"
#define RIG_KEYS "Kic=" RIG_KIC "\nKid=" RIG_KID "\n"

/* The ISD-R, and the channel that it is selected on, with the answer that opens it */
#define RIG_OPEN "open A0000005591010FFFFFFFF8900000100"

/* TP-OA and TP-DA: +491512345678 */
#define RIG_ADDRESS "0C91945121436587"

/* SPI of the packets: ciphered, CC, counter higher; proof of receipt always, the same, by SMS-SUBMIT */
#define RIG_SPI1 0x16
#define RIG_SPI2 0x39

/* What the peer of a CAT_TP link takes in an SDU */
#define RIG_SDU_MAX 2048
#define RIG_PEER "smsr.example.com 50000 1024"

/**
 * EndpointRig:
 * @command: header of the packets that are sealed; its counter is that of the last one
 *
 * What the network hears of a command and the proof of receipt go their own ways, in either order.
 */
typedef struct
{
  char *directory;
  char *keys_directory;
  FakeModem *modem;
  EaCard *card;
  EaActivity *activity;
  EaLogContext log;
  EaStore *store;
  EaKeyRing *keys;
  EaOta *ota;
  SimScp80Command command;
  guint8 reference; /* of concatenated messages */
  guint n_messages; /* from the network */
  const char *standard_answer;
  char *message;    /* NULL: the next one is in the modem's diary */
  guint n_accepted; /* messages, while a proof of receipt was waited for */
} EndpointRig;

EndpointRig *endpoint_rig_new (void);

/* Fails the test when the modem was asked for something that no test has read. */
void endpoint_rig_free (EndpointRig *rig);

/* cmocka fixtures */
int endpoint_rig_setup (void **state);
int endpoint_rig_teardown (void **state);

#define ENDPOINT_TEST(function)                                                                    \
  cmocka_unit_test_setup_teardown (function, endpoint_rig_setup, endpoint_rig_teardown)

/* The process ends; the store stays. */
void endpoint_rig_end (EndpointRig *rig);

/* Another begins, with a modem of its own. @eid: (nullable): of the card */
void endpoint_rig_begin (EndpointRig *rig, const char *eid);

/* Both, for the same card. */
void endpoint_rig_restart (EndpointRig *rig);

/* (transfer full): what takes the short messages, before it knows that the card is ready */
EaOta *endpoint_rig_new_ota (EndpointRig *rig);

/* The key file is this from now on. */
void endpoint_rig_set_keys (EndpointRig *rig, const char *text);

/* What the modem answers, divided by "|": bytes in hexadecimal, or the number of an EaModemError with "!" before it. */
void endpoint_rig_answer (EndpointRig *rig, const char *answers);

/* Calls for which no answer is left get these bytes, also in the lives to come; %NULL: they fail. */
void endpoint_rig_answer_all (EndpointRig *rig, const char *answer);

/* (transfer full): the next packet with @script (hexadecimal) */
GBytes *endpoint_rig_seal (EndpointRig *rig, const char *script);

/* The same with these keys (hexadecimal), whatever the key file says. */
GBytes *endpoint_rig_seal_with (EndpointRig *rig, const char *kic, const char *kid,
                                const char *script);

/* (transfer full): the next packet in the CAT_TP form */
GBytes *endpoint_rig_seal_sdu (EndpointRig *rig, const char *script);

/* (transfer full) (element-type GBytes): the SMS-DELIVER TPDUs that carry @packet, with a time stamp of their own */
GPtrArray *endpoint_rig_segment (EndpointRig *rig, GBytes *packet);

/* The network delivers @packet; it wants to hear of each message. */
void endpoint_rig_deliver (EndpointRig *rig, GBytes *packet);
void endpoint_rig_deliver_tpdu (EndpointRig *rig, GBytes *tpdu, EaModemSmsCustody custody);

/* The next packet is sealed and delivered. */
void endpoint_rig_send (EndpointRig *rig, const char *script);

/* The modem is asked for these things next, one a line. */
void endpoint_rig_expect (EndpointRig *rig, const char *lines);

/* The modem is asked for nothing more, as far as the main loop has something to do now. */
void endpoint_rig_expect_nothing (EndpointRig *rig);

/* (transfer full): what the modem is asked for before the next short message goes out, each with a newline */
char *endpoint_rig_read_until_proof (EndpointRig *rig);

/* The network hears that the next message was accepted. */
void endpoint_rig_expect_accepted (EndpointRig *rig);

/* The next short messages that go out are the proof of receipt for the packet sealed last. @data: hexadecimal.
 * Returns: how many messages they are */
guint endpoint_rig_expect_proof (EndpointRig *rig, guint8 status, const char *data);

/* The same for an earlier packet. */
guint endpoint_rig_expect_proof_of (EndpointRig *rig, const SimScp80Command *command, guint8 status,
                                    const char *data);

/* (transfer full): the next short messages that go out, put together: a response packet */
GBytes *endpoint_rig_receive (EndpointRig *rig, guint *n_messages);

/* (transfer none): what waits for the SM-SR */
EaAnswers *endpoint_rig_get_answers (EndpointRig *rig);

/* @sdu comes on a CAT_TP link from that peer. */
EaEndpointVerdict endpoint_rig_take_sdu (EndpointRig *rig, GBytes *sdu);

/* The next answer that is handed out to it is that to @command. Returns: its number */
guint64 endpoint_rig_expect_answer (EndpointRig *rig, const SimScp80Command *command, guint8 status,
                                    const char *data);
void endpoint_rig_expect_no_answer (EndpointRig *rig);

/* A counter of the eUICC's activity */
guint64 endpoint_rig_count (EndpointRig *rig, const char *counter);

/* Records in the store whose names begin with @prefix */
guint endpoint_rig_count_records (EndpointRig *rig, const char *prefix);
