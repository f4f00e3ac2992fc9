"""Tests of the unit u06_rnn_lstm."""
