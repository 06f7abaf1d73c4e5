"""Boards: their data, their nets and buses, and the connections between chip and parts."""
